// What notes need while they are computed, one after the other, allocated for all of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "fft.h"
#include "synth_constants.h"
#include "voice_noise.h"

namespace fxchain {

inline double hertz_of(double pitch) { return 440.0 * exp(kLog2 * (pitch - 69.0) / 12.0); }

// How many harmonics of half a pitch there are, and how long a period for so many is.
inline int harmonic_count(double hertz, double rate) {
  return std::max(static_cast<int>(kFadeEnd * rate / (0.5 * hertz)), 2);
}
inline int period_power(int harmonics) {
  int power = 8;
  while ((1 << power) < 4 * harmonics) ++power;
  return power;
}

struct VoiceWork {
  double rate;
  int hop;  // from one spectrum to the next, samples
  int most_harmonics, most_power;
  Spectrum bins;
  std::vector<double> real, imaginary;
  std::vector<std::unique_ptr<RealFft>> transforms;  // for periods of 2^(8 + k) samples
  NoiseWork noise;

  VoiceWork(double sample_rate, double lowest_pitch)
      : rate(sample_rate),
        hop(std::max(static_cast<int>(std::nearbyint(kControlSeconds * sample_rate)), 1)),
        most_harmonics(harmonic_count(hertz_of(lowest_pitch), sample_rate)),
        most_power(period_power(most_harmonics)),
        bins((1 << most_power) / 2 + 1),
        real(most_harmonics),
        imaginary(most_harmonics),
        noise(sample_rate, kNoiseFrameSeconds) {
    for (int power = 8; power <= most_power; ++power)
      transforms.push_back(std::make_unique<RealFft>(1 << (power - 1)));
  }
};

}  // namespace fxchain
