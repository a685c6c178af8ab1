// Short measured responses, several in one asset, one after the other.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "convolver.h"
#include "effect.h"

namespace fxchain {

constexpr double kResponseSeconds = 0.012;

// Taps of each response, at the sample rate of the asset.
inline std::size_t response_taps(const Asset& held) {
  return static_cast<std::size_t>(std::nearbyint(kResponseSeconds * held.rate));
}

// One of the responses of a channel at a sample rate, Hz; one that is missing is silent.
inline std::vector<float> measured_response(const Asset& held, int channel, std::size_t number,
                                            double rate) {
  const std::vector<float>& from = held.channels[channel % held.channels.size()];
  const std::size_t taps = response_taps(held), first = std::min(number * taps, from.size());
  std::vector<float> made(from.begin() + first, from.begin() + std::min(first + taps, from.size()));
  made.resize(taps, 0.0f);
  return resampled(made, held.rate / rate);
}

}  // namespace fxchain
