// The filtered feedback of a recursion, without delay: a low-pass and a high-pass of first order in
// topology-preserving form, whose output is subtracted from what goes in.
#pragma once

#include <algorithm>
#include <cmath>

#include "math.h"

namespace fxchain {

// Of a one-pole: g / (1 + g), g = tan(pi * frequency / rate).
inline double one_pole_gain(double frequency_hz, double rate) {
  const double g = tan(kPi / rate * std::min(frequency_hz, 0.45 * rate));
  return g / (1.0 + g);
}

class LoopFilter {
 public:
  // Of a channel.
  struct State {
    double low = 0.0, high = 0.0;

    void settle() {
      if (std::fabs(low) < 1e-25) low = 0.0;
      if (std::fabs(high) < 1e-25) high = 0.0;
    }
  };

  template <typename Knobs>
  void set(double rate, const Knobs& knobs) {
    feedback_ = knobs.feedback;
    lowpass_ = one_pole_gain(knobs.loop_lowpass_hz, rate);
    highpass_ = one_pole_gain(knobs.loop_highpass_hz, rate);
  }

  // What goes in, where own + through * that comes out at once.
  double enter(const State& at, double x, double own, double through) const {
    const double fed =
        (1.0 - highpass_) * (lowpass_ * own + (1.0 - lowpass_) * at.low - at.high);
    return (x - feedback_ * fed) / (1.0 + feedback_ * (1.0 - highpass_) * lowpass_ * through);
  }

  // Moves the state on behind what comes out.
  void follow(State& at, double out) const {
    const double over = lowpass_ * (out - at.low);
    const double above = at.low + over - at.high;
    at.low += 2.0 * over;
    at.high += 2.0 * highpass_ * above;
  }

 private:
  double feedback_ = 0.0, lowpass_ = 1.0, highpass_ = 0.0;
};

}  // namespace fxchain
