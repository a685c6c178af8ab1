// The cycles of an oscillator in double precision, counted from the recording's start.
#pragma once

#include <cmath>

#include "math.h"

namespace fxchain {

class Cycles {
 public:
  void begin(double rate, double rate_hz, double phase_degrees) {
    rate_ = rate;
    rate_hz_ = rate_hz;
    phase_degrees_ = phase_degrees;
    first_ = phase_degrees / 360.0;
    counted_ = 0;
  }

  // A new rate goes on from where the oscillator is.
  void set(double rate_hz, double phase_degrees) {
    first_ += (phase_degrees - phase_degrees_) / 360.0;
    phase_degrees_ = phase_degrees;
    if (rate_hz == rate_hz_) return;
    first_ = std::fmod(now(), 1.0);
    rate_hz_ = rate_hz;
    counted_ = 0;
  }

  double next() {
    const double cycles = now();
    ++counted_;
    return cycles;
  }

 private:
  double rate_ = 1.0, rate_hz_ = 0.0, phase_degrees_ = 0.0, first_ = 0.0;
  long long counted_ = 0;

  double now() const { return rate_hz_ * static_cast<double>(counted_) / rate_ + first_; }
};

}  // namespace fxchain
