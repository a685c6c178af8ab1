// One source of a drum, and what the drums of a player share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "registry.h"
#include "synth_constants.h"
#include "voice_noise.h"

namespace fxchain {

struct DrumWork {
  double rate;
  NoiseWork noise;

  // Noise is stationary before it decays, so that frames may be long and bands narrow.
  explicit DrumWork(double sample_rate) : rate(sample_rate), noise(sample_rate, 0.186) {}
};

class DrumPart {
 public:
  virtual ~DrumPart() = default;
  virtual void allocate(const DrumWork&) {}

  void begin(std::uint64_t seed) {
    since_ = 0;
    start(seed);
  }

  // Add (count) samples at a weight; false: it has ended.
  bool add(const double* values, double weight, double* sum, int count, DrumWork& work) {
    const double seconds = std::min(kHitTimeConstants * 1e-3 * decay_ms(values), kLongestHitSeconds);
    const double length = std::max(std::ceil(seconds * work.rate), 2.0);
    const int left = static_cast<int>(std::min(length - since_, 1.0 * count));
    if (left > 0) play(values, weight, sum, left, work);
    since_ += count;
    return since_ < length;
  }

 protected:
  virtual double decay_ms(const double* values) const = 0;
  virtual void start(std::uint64_t seed) = 0;
  virtual void play(const double* values, double weight, double* sum, int count, DrumWork& work) = 0;

 private:
  double since_ = 0.0;  // samples
};

struct DrumKind {
  std::string name;
  std::vector<Knob> knobs;
  std::unique_ptr<DrumPart> (*make)();
};

// Defined in sources.cpp, which is assembled of all sources.
const std::vector<DrumKind>& drum_kinds();

}  // namespace fxchain
