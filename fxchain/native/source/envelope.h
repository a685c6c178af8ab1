// An envelope that rises and falls at different speeds, and what follows it.
#pragma once

#include <cmath>
#include <vector>

#include "math.h"

namespace fxchain {

// y <- x + c (y - x), c being the rise's while x is above y, else the fall's.
struct Follower {
  float rise = 0.0f, fall = 0.0f;
  std::vector<float> last;

  void begin(int channels) { last.assign(channels, 0.0f); }

  float follow(int channel, float x) {
    float& y = last[channel];
    y = x + (x > y ? rise : fall) * (y - x);
    return y;
  }

  void settle() {
    for (float& y : last) y = without_subnormals(y);
  }
};

// The gain (envelope / threshold)^(1/ratio - 1) above a threshold, channels on their own.
class Compression {
 public:
  void begin(int channels) { envelope_.begin(channels); }

  void set(double rate, double threshold_db, double ratio, double attack_ms, double release_ms) {
    envelope_.rise = remainder_of(attack_ms, rate);
    envelope_.fall = remainder_of(release_ms, rate);
    threshold_ = decibels_to_gain(threshold_db);
    inverse_ = 1.0f / threshold_;
    exponent_ = 1.0f / static_cast<float>(ratio) - 1.0f;
  }

  void play(float* const* audio, int count) {
    for (std::size_t c = 0; c < envelope_.last.size(); ++c)
      for (int t = 0; t < count; ++t) {
        const float x = audio[c][t];
        const float level = envelope_.follow(static_cast<int>(c), std::fabs(x));
        const float gain = level < threshold_ ? 1.0f : pow(level * inverse_, exponent_);
        audio[c][t] = gain * x;
      }
  }

  void settle() { envelope_.settle(); }

 private:
  Follower envelope_;
  float threshold_ = 1.0f, inverse_ = 1.0f, exponent_ = 0.0f;
};

}  // namespace fxchain
