// The oscillator of effects that move: a phase in single precision that wraps at a turn.
#pragma once

#include <cmath>

#include "math.h"

namespace fxchain {

constexpr float kTurn = static_cast<float>(2.0 * kPi);
// Phases are those that the oscillator has after so many samples or more.
constexpr int kLeastPreRoll = 8192;

class Oscillator {
 public:
  // Begin at the phase nearest to the wanted one of those in the first second or period after the
  // least pre-roll, counted from 0 on.
  void begin(double rate, double rate_hz, double phase_degrees, int every = 1) {
    set(rate, rate_hz, every);
    const double steps_per_second = rate / every;
    const double turns = phase_degrees - 360.0 * std::floor(phase_degrees / 360.0);
    const float wanted = static_cast<float>(turns / 180.0 * kPi);
    const long least = (kLeastPreRoll + every - 1) / every;
    const double longest = std::max(1.2 / rate_hz, 1.0);
    const long most = least + static_cast<long>(longest * steps_per_second);
    float phase = 0.0f, best = 0.0f;
    double distance = INFINITY;
    for (long count = 0, period = 0; period < most; ++count) {
      if (count >= least) {
        double away = std::fabs(phase - wanted);
        away = std::min(away, 2.0 * kPi - away);
        if (away < distance) {
          distance = away;
          best = phase;
        }
      }
      const bool wraps = advance(phase);
      if (wraps) period = count + 1;
    }
    phase_ = best;
  }

  void set(double rate, double rate_hz, int every = 1) {
    step_ = kTurn / static_cast<float>(rate / every) * static_cast<float>(rate_hz);
  }

  // The sine of phase - pi; then the phase grows.
  float next() {
    const float value = sin(phase_ - static_cast<float>(kPi));
    advance(phase_);
    return value;
  }

 private:
  float phase_ = 0.0f, step_ = 0.0f;

  bool advance(float& phase) const {
    phase += step_;
    if (phase < kTurn) return false;
    phase -= kTurn;
    return true;
  }
};

}  // namespace fxchain
