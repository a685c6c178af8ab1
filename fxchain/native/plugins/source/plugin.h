// A preset as a plug-in, apart from any format: parameters, state, bypass, sound, notes.
//
// Parameter 0 is the bypass, parameter k + 1 the knob k of the player. Values are physical; positions
// lie in [0, 1], on a log scale where the knob has one. Values and positions may be read and set in
// any thread; a change is heard from the next `process` on. `activate` allocates; `restart` and
// `process` belong to the audio thread: no allocation, lock or file. There is no latency.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "changes.h"
#include "description.h"
#include "player.h"

namespace fxchain {

class Plugin {
 public:
  explicit Plugin(const Description& description);

  const Description& description() const { return description_; }
  // It plays notes: nothing goes in, and the inputs of `process` may be null.
  bool is_instrument() const { return description_.channels == 0; }
  int inputs() const { return description_.channels; }
  int outputs() const { return outputs_; }

  int parameter_count() const { return static_cast<int>(parameters_.size()); }
  const Knob& knob(int parameter) const { return parameters_[parameter].knob; }
  const Description::Control& control(int parameter) const {
    return parameters_[parameter].control;
  }
  // The value in the preset.
  double initial(int parameter) const { return parameters_[parameter].initial; }
  double value(int parameter) const { return wanted_[parameter].load(std::memory_order_relaxed); }
  double position(int parameter) const { return knob(parameter).position(value(parameter)); }
  void set_value(int parameter, double value);
  // A position that is that of the value there, or of the one in the preset, to single precision,
  // sets exactly these.
  void set_position(int parameter, double position);
  double value_at(int parameter, double position) const;

  // A value with its unit or as the text of a choice, and the value of such a text.
  std::string text(int parameter, double value) const;
  bool value_of(int parameter, const char* text, double* value) const;

  // All values as bytes, and back; false where they are of another preset.
  std::vector<unsigned char> state() const;
  bool set_state(const unsigned char* data, std::size_t size);

  // Be ready for a sample rate, Hz; false where it is none.
  bool activate(double rate);
  // Begin in silence once more.
  void restart();
  // Press or release a key, or take a message of MIDI, in the audio thread.
  void note(const Change& change);
  // Play any number of samples; inputs and outputs may be the same memory.
  void process(const float* const* inputs, float* const* outputs, int count);

 private:
  struct Parameter {
    Knob knob;
    Description::Control control;
    double initial;
  };

  const Description& description_;
  Player player_;
  int made_, outputs_;  // channels that the player makes, and those that come out
  std::vector<Parameter> parameters_;
  std::unique_ptr<std::atomic<double>[]> wanted_;
  std::unique_ptr<std::atomic<bool>[]> changed_;
  std::atomic<bool> any_changed_{false};
  double rate_ = 0.0;
  bool playing_ = false;   // a sample was played since the beginning
  float dry_ = 0.0f;       // how much of the bypass is heard, 0 to 1
  std::vector<std::vector<float>> copies_;

  // Into an instrument's player go its own notes, in one channel.
  int heard() const { return is_instrument() ? 1 : inputs(); }

  void take_changes();
  void play(const float* const* inputs, float* const* outputs, int begin, int count);
};

}  // namespace fxchain
