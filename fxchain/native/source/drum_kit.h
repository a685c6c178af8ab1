// Drums on the keys of a keyboard: what hits sound like before the effects.
#pragma once

#include <memory>
#include <vector>

#include "drum_part.h"
#include "note_player.h"

namespace fxchain {

// One hit of a drum.
class Hit {
 public:
  bool released = false;  // as of notes: it is not
  long long order = 0;
  std::vector<std::unique_ptr<DrumPart>> parts;

  bool sounds() const { return sounds_; }
  bool fades() const { return fading_; }
  void fade() { fading_ = true; }
  void stop() { sounds_ = false; }

  void begin(double velocity, std::uint64_t seed) {
    velocity_ = velocity;
    sounds_ = true;
    fading_ = false;
    level_ = 1.0;
    for (std::size_t k = 0; k < parts.size(); ++k) parts[k]->begin(seed * parts.size() + k);
  }

  // Add (count) samples; at `values` stand of each part its weight and its own controls.
  void add(const double* values, const std::vector<int>& sizes, double gain, double* sum, int count,
           DrumWork& work) {
    double heard[kBlock] = {};
    bool any = false;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      any |= parts[k]->add(values + 1, *values, heard, count, work);
      values += sizes[k];
    }
    const double fall = fading_ ? 1.0 / (kNoteFadeSeconds * work.rate) : 0.0;
    for (int t = 0; t < count; ++t) {
      sum[t] += velocity_ * gain * level_ * heard[t];
      level_ = std::max(level_ - fall, 0.0);
    }
    sounds_ = any && level_ > 0.0;
  }

 private:
  bool sounds_ = false, fading_ = false;
  double velocity_ = 1.0, level_ = 1.0;
};

// Its values are of each drum: of each part the weight and its own controls, then the level.
class DrumKit : public NotePlayer {
 public:
  // A drum that is hit by a key; below 0: by every key.
  void add_drum(int key) { 
    drums_.emplace_back();
    drums_.back().key = key;
  }

  // A source of the drum that was added last.
  void add_part(const DrumKind& kind) {
    Drum& drum = drums_.back();
    drum.sizes.push_back(1 + static_cast<int>(kind.knobs.size()));
    for (Hit& each : drum.hits) each.parts.push_back(kind.make());
  }

  void prepare(double new_rate, int new_channels) override {
    rate = new_rate;
    channels = new_channels;
    work_ = std::make_unique<DrumWork>(rate);
    for (Drum& drum : drums_)
      for (Hit& hit : drum.hits)
        for (auto& part : hit.parts) part->allocate(*work_);
    restart();
  }

  void restart() override {
    for (Drum& drum : drums_)
      for (Hit& hit : drum.hits) hit.stop();
    apply();
  }

  void apply() override {
    const double* at = clamped();
    for (Drum& drum : drums_) {
      drum.values = at;
      for (const int size : drum.sizes) at += size;
      drum.gain = power_of_ten(*at++ / 20.0);
    }
  }

  void press(int key, double velocity) override {
    for (Drum& drum : drums_) {
      if (drum.key >= 0 && drum.key != key) continue;
      Hit& hit = free_place(drum.hits, kSounding);
      hit.order = pressed_++;
      hit.begin(velocity, static_cast<std::uint64_t>(hit.order));
    }
  }

  void fade_all() override {
    for (Drum& drum : drums_)
      for (Hit& hit : drum.hits) hit.fade();
  }

  void play(float* const* audio, int count) override {
    double sum[kBlock] = {};
    for (Drum& drum : drums_)
      for (Hit& hit : drum.hits)
        if (hit.sounds()) hit.add(drum.values, drum.sizes, drum.gain, sum, count, *work_);
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) audio[c][t] = static_cast<float>(sum[t]);
  }

 private:
  static constexpr int kPlaces = 12, kSounding = 8;  // hits of each drum

  struct Drum {
    int key;
    std::vector<int> sizes;  // of each part, how many values it has
    std::vector<Hit> hits = std::vector<Hit>(kPlaces);
    const double* values = nullptr;
    double gain = 1.0;
  };

  std::vector<Drum> drums_;
  std::unique_ptr<DrumWork> work_;
  long long pressed_ = 0;
};

}  // namespace fxchain
