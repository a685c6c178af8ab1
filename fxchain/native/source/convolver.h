// Convolution with a long response, without latency.
//
// The first taps are summed directly, the others multiplied as spectra of partitions, short ones
// first, then ever longer ones (W. G. Gardner, "Efficient convolution without
// input-output delay", 1995). A partition of length n at an offset of n or more needs only input
// that is complete when its block begins.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "fft.h"
#include "math.h"

namespace fxchain {

// The taps from one partition length on, in partitions of that length.
class Partitions {
 public:
  Partitions(const float* taps, int count, int length)
      : length_(length), fft_(length), total_(length + 1) {
    std::vector<float> part(2 * length);
    for (int begin = 0; begin < count; begin += length) {
      std::fill(part.begin(), part.end(), 0.0f);
      std::copy(taps + begin, taps + std::min(begin + length, count), part.begin());
      spectra_.emplace_back(length + 1);
      fft_.forward(part.data(), spectra_.back());
    }
    inputs_.assign(spectra_.size(), Spectrum(length + 1));
    heard_.assign(2 * length, 0.0f);
    output_.assign(length, 0);
  }

  void begin() {
    place_ = 0;
    newest_ = 0;
    for (auto& each : inputs_) each.clear();
    std::fill(heard_.begin(), heard_.end(), 0.0f);
    std::fill(output_.begin(), output_.end(), 0);
  }

  // The sum for this sample; the sample itself is heard from the next block on.
  double next(float sample) {
    const double made = output_[place_];
    heard_[length_ + place_] = sample;
    if (++place_ == length_) turn();
    return made;
  }

 private:
  int length_, place_ = 0;
  std::size_t newest_ = 0;
  RealFft fft_;
  std::vector<Spectrum> spectra_, inputs_;
  Spectrum total_;
  std::vector<float> heard_;
  std::vector<double> output_;

  void turn() {
    place_ = 0;
    newest_ = (newest_ + inputs_.size() - 1) % inputs_.size();
    fft_.forward(heard_.data(), inputs_[newest_]);
    total_.clear();
    for (std::size_t part = 0; part < spectra_.size(); ++part)
      total_.add_product(inputs_[(newest_ + part) % inputs_.size()], spectra_[part]);
    fft_.backward_second_half(total_, output_.data());
    std::copy(heard_.begin() + length_, heard_.end(), heard_.begin());
  }
};

class Convolver {
 public:
  explicit Convolver(const std::vector<float>& taps) {
    const int count = static_cast<int>(taps.size());
    // Zeros fill the direct part, so that it has a fixed length.
    direct_.assign(kShort, 0.0);
    std::copy(taps.begin(), taps.begin() + std::min(count, kShort), direct_.begin());
    past_.assign(2 * kShort, 0.0);
    for (int length = kShort; length < count; length *= kGrowth) {
      const int end = length < kLong ? std::min(count, kGrowth * length) : count;
      parts_.emplace_back(taps.data() + length, end - length, length);
      if (end == count) break;
    }
  }

  // Begin in silence; it allocates nothing.
  void begin() {
    std::fill(past_.begin(), past_.end(), 0.0);
    at_ = 0;
    for (Partitions& part : parts_) part.begin();
  }

  double next(float sample) {
    at_ = (at_ + kShort - 1) % kShort;
    past_[at_] = past_[at_ + kShort] = sample;
    const double* heard = past_.data() + at_;
    const double* taps = direct_.data();
    // Four sums that do not wait for each other.
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
    for (int t = 0; t < kShort; t += 4)
      for (int k = 0; k < 4; ++k) sums[k] += taps[t + k] * heard[t + k];
    double sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (Partitions& part : parts_) sum += part.next(sample);
    return sum;
  }

 private:
  static constexpr int kShort = 64, kGrowth = 8, kLong = 4096;
  std::vector<double> direct_, past_;
  int at_ = 0;
  std::vector<Partitions> parts_;
};

// A response at another sample rate, by a sinc without a window; the ratio is that of the rates.
inline std::vector<float> resampled(const std::vector<float>& taps, double ratio) {
  if (ratio == 1.0) return taps;
  std::vector<float> made(static_cast<std::size_t>(std::ceil(taps.size() / ratio)));
  for (std::size_t t = 0; t < made.size(); ++t) {
    double sum = 0.0;
    for (std::size_t k = 0; k < taps.size(); ++k) {
      const double x = (ratio * t - k) / std::max(ratio, 1.0) * kPi;
      sum += taps[k] * (x == 0.0 ? 1.0 : sin(x) / x);
    }
    made[t] = static_cast<float>(std::min(ratio, 1.0) * sum);
  }
  return made;
}

}  // namespace fxchain
