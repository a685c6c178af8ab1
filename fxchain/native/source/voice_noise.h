// White noise through a low-pass that changes: frames under a Hann window, half a frame apart.
#pragma once

#include <vector>

#include "fft.h"

namespace fxchain {

// Noise of standard deviation 1: a generator of 64 bits (G. Marsaglia, "Xorshift RNGs", 2003) and
// the method of Box and Muller.
class WhiteNoise {
 public:
  void begin(std::uint64_t seed) {
    state_ = seed * 0x9E3779B97F4A7C15u + 0x2545F4914F6CDD1Du;
    if (state_ == 0) state_ = 1;
    for (int k = 0; k < 8; ++k) uniform();
  }

  // Two samples.
  template <typename Sample>
  void next(Sample* pair) {
    const double size = std::sqrt(-2.0 * log(uniform())), turn = 2.0 * kPi * uniform();
    pair[0] = static_cast<Sample>(size * cos(turn));
    pair[1] = static_cast<Sample>(size * sin(turn));
  }

 private:
  std::uint64_t state_ = 1;

  // In (0, 1].
  double uniform() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return (static_cast<double>(state_ >> 11) + 1.0) * 0x1p-53;
  }
};

// What the noise of all notes shares: they are filtered one after the other.
struct NoiseWork {
  int hop;
  RealFft transform;
  Spectrum bins;
  std::vector<float> window, framed;

  // Frames of about so many seconds.
  NoiseWork(double rate, double seconds)
      : hop(half_of(seconds * rate)), transform(hop), bins(hop + 1), window(2 * hop), framed(2 * hop) {
    for (int k = 0; k < 2 * hop; ++k)
      window[k] = static_cast<float>(0.5 - 0.5 * cos(kPi * k / hop));
  }

 private:
  // Half of the power of two that is nearest.
  static int half_of(double samples) {
    return static_cast<int>(
        std::nearbyint(exp(kLog2 * (std::nearbyint(log(samples) / kLog2) - 1))));
  }
};

// The noise of one note.
class VoiceNoise {
 public:
  void allocate(int hop) {
    drawn_.assign(2 * hop, 0.0f);
    overlap_.assign(hop, 0.0f);
    made_.assign(hop, 0.0f);
  }

  void begin(std::uint64_t seed) {
    noise_.begin(seed);
    std::fill(drawn_.begin(), drawn_.end(), 0.0f);
    std::fill(overlap_.begin(), overlap_.end(), 0.0f);
  }

  // Move on by one hop; response(bin) is the magnitude at the centre of the frame.
  template <typename Response>
  void next(NoiseWork& work, Response response) {
    const int hop = work.hop;
    std::copy(drawn_.begin() + hop, drawn_.end(), drawn_.begin());
    for (int k = hop; k < 2 * hop; k += 2) noise_.next(&drawn_[k]);
    for (int k = 0; k < 2 * hop; ++k) work.framed[k] = drawn_[k] * work.window[k];
    work.transform.forward(work.framed.data(), work.bins);
    for (int k = 0; k <= hop; ++k) {
      const double size = response(k);
      work.bins.real[k] *= size;
      work.bins.imaginary[k] *= size;
    }
    work.transform.backward(work.bins, work.framed.data());
    for (int k = 0; k < hop; ++k) {
      made_[k] = overlap_[k] + work.framed[k];
      overlap_[k] = work.framed[hop + k];
    }
  }

  float at(int place) const { return made_[place]; }

 private:
  WhiteNoise noise_;
  std::vector<float> drawn_, overlap_, made_;
};

}  // namespace fxchain
