// Elementary functions and constants as the effects of the preset compute them.
//
// Everything is rounded to single precision where pedalboard rounds it, so the order of operations
// matters. Compile with -ffp-contract=off and without -ffast-math. The functions of C libraries
// round differently on different machines: sin, cos, tan, tanh, exp, log, log10, pow and
// power_of_ten are those of this folder, of single or double precision as their arguments.
#pragma once

#include <algorithm>
#include <cmath>

#include "single_precision.h"

namespace fxchain {

// 10^(dB/20) in single precision; at -100 dB and below it is silence.
inline float decibels_to_gain(double decibels) {
  const float level = static_cast<float>(decibels);
  return level > -100.0f ? pow(10.0f, level * 0.05f) : 0.0f;
}

// The share of the distance to its input that an envelope keeps after a sample.
inline float remainder_of(double time_ms, double rate) {
  const float rounded_ms = static_cast<float>(time_ms);
  return static_cast<float>(exp(-2.0 * kPi * 1000.0 / rate / rounded_ms));
}

// A value that has decayed below what can be heard, as 0: subnormal numbers are slow.
inline float without_subnormals(float value) { return std::fabs(value) < 1e-25f ? 0.0f : value; }

}  // namespace fxchain
