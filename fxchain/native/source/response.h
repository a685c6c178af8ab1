// A response at the sample rate at which it is played, as JUCE's Convolution makes it: what lies
// between two samples on a straight line, behind a low-pass of second order (before it, where the
// rate falls), then a level that follows from the energy.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "effect.h"
#include "math.h"

namespace fxchain {

// A Butterworth low-pass (bilinear transform) at a share of the sample rate, in place.
inline void lowpass(std::vector<float>& samples, double share) {
  const double n = 1.0 / tan(kPi * std::max(share, 0.001)), square = n * n;
  const double root = 1.4142135623730951 * n, b = 1.0 / (1.0 + root + square);
  const double a1 = 2.0 * b * (1.0 - square), a2 = b * (1.0 - root + square);
  double x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0;
  for (float& sample : samples) {
    const double x = sample;
    double y = b * x + 2.0 * b * x1 + b * x2 - a1 * y1 - a2 * y2;
    if (std::fabs(y) <= 1e-8) y = 0.0;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    sample = static_cast<float>(y);
  }
}

// ratio: samples before for each sample behind; within so much of 1 nothing is filtered.
constexpr double kHardly = 1e-4;
inline std::vector<float> interpolated(std::vector<float> samples, double ratio) {
  const double share = 0.5 * std::min(ratio, 1.0 / ratio);
  std::vector<float> made(std::max(1L, std::lround(samples.size() / ratio)));
  samples.resize(static_cast<std::size_t>(std::nearbyint(made.size() * ratio)) + 4, 0.0f);
  if (ratio > 1.0 + kHardly) lowpass(samples, share);
  std::size_t place = 0;
  double past = 0.0;
  for (float& sample : made) {
    const float part = static_cast<float>(past);
    sample = samples[place] + part * (samples[place + 1] - samples[place]);
    for (past += ratio; past >= 1.0; past -= 1.0) ++place;
  }
  if (ratio < 1.0 - kHardly) lowpass(made, share);
  return made;
}

// The channels of a response at a sample rate, Hz, the louder one at an energy of 1/64.
inline std::vector<std::vector<float>> response_at(const Asset& response, double rate) {
  std::vector<std::vector<float>> made;
  float most = 0.0f;
  for (const auto& channel : response.channels) {
    made.push_back(rate == response.rate ? channel : interpolated(channel, response.rate / rate));
    float energy = 0.0f;
    for (float each : made.back()) energy += each * each;
    most = std::max(most, energy);
  }
  const float level = most < 1e-8f ? 1.0f : 0.125f / std::sqrt(most);
  for (auto& channel : made)
    for (float& each : channel) each *= level;
  return made;
}

}  // namespace fxchain
