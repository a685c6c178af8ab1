// A synthesizer's voices: what notes sound like before the effects.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "note_player.h"
#include "voice.h"

namespace fxchain {

// Its values are of each source the weight and its own controls, then the level and what all share. Of more notes than there are voices the oldest fades, a released one first.
class Instrument : public NotePlayer {
 public:
  void add_source(const SourceKind& kind, int octave) {
    timbre_->sources.push_back({&kind, octave, 0.0, std::vector<double>(kind.knobs.size()), {}});
    timbre_->has_tone |= kind.coefficients != nullptr;
    timbre_->has_noise |= kind.coefficients == nullptr;
  }

  // Of the source that was added last.
  std::vector<double>& cycle() { return timbre_->sources.back().cycle; }

  void prepare(double new_rate, int new_channels) override {
    rate = new_rate;
    channels = new_channels;
    work_ = std::make_unique<VoiceWork>(rate, 0.0);
    for (Voice& each : voices_) each.allocate(*work_);
    restart();
  }

  void restart() override {
    for (Voice& each : voices_) each.stop();
    held_down_ = false;
    timbre_->bend = 1.0;
    apply();
  }

  void apply() override {
    const double* at = clamped();
    const double* level = at + values.size() - voice_knobs().size() - 1;
    const double gain = power_of_ten(*level / 20.0);
    for (SoundSource& each : timbre_->sources) {
      const double weight = gain * *at++;
      timbre_->version += weight != each.weight;
      each.weight = weight;
      for (double& value : each.values) {
        timbre_->version += value != *at;
        value = *at++;
      }
    }
    timbre_->controls = VoiceControls(level + 1);
  }

  void press(int key, double velocity) override {
    Voice& voice = free_place(voices_, kSounding);
    voice.key = key;
    voice.order = pressed_++;
    voice.begin(*work_, key, velocity, static_cast<std::uint64_t>(voice.order));
  }

  // Release the oldest note of a key.
  void release(int key) override {
    Voice* found = nullptr;
    for (Voice& each : voices_)
      if (each.sounds() && each.key == key && !each.released && !each.waits &&
          (!found || each.order < found->order))
        found = &each;
    if (!found) return;
    (held_down_ ? found->waits : found->released) = true;
  }

  void release_all() override {
    for (Voice& each : voices_) each.released = true;
  }

  void fade_all() override {
    for (Voice& each : voices_) each.fade();
  }

  // The sustain pedal: keys that are let go sound on until it is.
  void pedal(bool down) override {
    held_down_ = down;
    if (down) return;
    for (Voice& each : voices_)
      if (each.waits) each.released = true;
  }

  void bend(double semitones) override { timbre_->bend = exp(kLog2 * semitones / 12.0); }

  void play(float* const* audio, int count) override {
    double sum[kBlock] = {};
    for (Voice& each : voices_)
      if (each.sounds()) each.add(sum, count, *timbre_, *work_);
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) audio[c][t] = static_cast<float>(sum[t]);
  }

 private:
  static constexpr int kVoices = 32, kSounding = 24;
  std::vector<Voice> voices_ = std::vector<Voice>(kVoices);
  std::unique_ptr<VoiceWork> work_;
  std::unique_ptr<Timbre> timbre_ = std::make_unique<Timbre>();
  long long pressed_ = 0;
  bool held_down_ = false;
};

}  // namespace fxchain
