// Plays a preset: the same samples as the board that fxchain exports, without latency.
//
//   fxchain::Player player(data, size);
//   int outputs = player.prepare(44100.0, 2);   // may allocate
//   player.play(inputs, outputs, count);        // in the audio thread: no allocation, lock or file
//
// An instrument plays its notes in place of inputs, which may be null. `press`, `release`,
// `pedal` and `bend` are for the audio thread, between two calls of `play`.
//
// The knobs are the macros of the preset, then the controls of its sources and effects that follow
// none. `set` moves a knob, or what follows a macro; it glides there in some 30 ms, or jumps before
// the first `play` or `press`. `set` and `restart` are for the audio thread as well.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "note_player.h"
#include "macros.h"
#include "registry.h"
#include "routing.h"

namespace fxchain {

class Player {
 public:
  // Read a preset; throws std::runtime_error where it is none.
  Player(const unsigned char* data, std::size_t size);
  ~Player();

  // Begin anew for a recording of this sample rate (Hz) and so many channels; return how many come
  // out.
  int prepare(double rate, int channels);
  // Begin in silence once more, at the same sample rate and with as many channels.
  void restart();

  // How many channels come out for so many that go in.
  int output_count(int channels) const;

  // Play any number of samples; inputs and outputs may be the same memory.
  void play(const float* const* inputs, float* const* outputs, int count);

  // Whether it plays notes; if not, these do nothing.
  bool is_instrument() const { return instrument_ != nullptr; }
  // Press a key of a MIDI keyboard, velocity 0 to 1, and let it go.
  void press(int key, double velocity);
  void release(int key);
  void release_all();
  // Fade all notes out within some ms.
  void fade_all();
  // The sustain pedal.
  void pedal(bool down);
  // Bend the pitch of all notes, semitones.
  void bend(double semitones);
  // A message of MIDI: keys, sustain pedal, pitch bend (two semitones), all notes off.
  void midi(int status, int first, int second);

  int knob_count() const { return static_cast<int>(macros_.size() + free_.size()); }
  const Knob& knob(int index) const;
  // Where the knob's effect stands in the preset, as in chain[2]; "macros" of a macro.
  const std::string& path(int index) const;
  double value(int index) const;
  // Move a knob, within its range.
  void set(int index, double value);

 private:
  // A value of the chain.
  struct Place {
    AnyEffect* owner;
    std::size_t control;
    Knob knob;
    std::string path;
    double target;
    double between;  // while it glides, a position between the value and the target
    double& value() const { return owner->values[control]; }
  };

  std::unique_ptr<Stage> stage_;
  std::unique_ptr<NotePlayer> instrument_;
  std::vector<Macro> macros_;
  std::vector<MovedValue> followers_;
  std::vector<Place> places_;
  std::vector<std::size_t> free_;  // the places that are knobs of their own
  std::string macros_path_ = "macros";
  std::vector<bool> moving_;
  Routing routing_, routed_;
  double rate_ = 0.0;
  long long played_ = 0;
  bool begun_ = false, pressed_ = false;
  std::vector<std::vector<float>> heard_, made_, past_;
  std::vector<float*> chain_, notes_;
  std::vector<const float*> inputs_;
  std::vector<std::size_t> past_at_;

  bool takes_notes();
  void block(const float* const* inputs, float* const* outputs, int begin, int count);
  bool is_macro(int index) const { return static_cast<std::size_t>(index) < macros_.size(); }
  std::size_t free_place(int index) const { return free_[index - macros_.size()]; }
  void move(std::size_t place, double target);
  void glide(int count);
  void take_over();
};

}  // namespace fxchain
