// Convolution with a long response, without latency.
//
// The first taps are summed directly, the others multiplied as spectra of partitions, short ones
// first, then ever longer ones (W. G. Gardner, "Efficient convolution without
// input-output delay", 1995). A partition of length n at an offset of n or more needs only input
// that is complete when its block begins.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <utility>
#include <vector>

#include "math.h"

namespace fxchain {

// A radix-2 FFT of one size, a power of two.
class Fft {
 public:
  using Value = std::complex<double>;

  explicit Fft(int size) : size_(size), twiddles_(size / 2), reversed_(size) {
    for (int k = 0; k < size / 2; ++k) {
      const double angle = -2.0 * kPi * k / size;
      twiddles_[k] = Value(std::cos(angle), std::sin(angle));
    }
    for (int i = 1, j = 0; i < size; ++i) {
      int bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      reversed_[i] = j;
    }
  }

  void forward(std::vector<Value>& x) const { run(x, false); }
  // Without the division by the size.
  void backward(std::vector<Value>& x) const { run(x, true); }

 private:
  int size_;
  std::vector<Value> twiddles_;
  std::vector<int> reversed_;

  void run(std::vector<Value>& x, bool inverse) const {
    for (int i = 0; i < size_; ++i)
      if (i < reversed_[i]) std::swap(x[i], x[reversed_[i]]);
    for (int half = 1; half < size_; half *= 2)
      for (int begin = 0; begin < size_; begin += 2 * half)
        for (int k = 0; k < half; ++k) {
          const Value& w = twiddles_[k * (size_ / (2 * half))];
          const double sine = inverse ? -w.imag() : w.imag();
          Value& low = x[begin + k];
          Value& high = x[begin + k + half];
          const Value turned(high.real() * w.real() - high.imag() * sine,
                             high.real() * sine + high.imag() * w.real());
          high = low - turned;
          low += turned;
        }
  }
};

// The taps from one partition length on, in partitions of that length.
class Partitions {
 public:
  Partitions(const float* taps, int count, int length) : length_(length), fft_(2 * length) {
    for (int begin = 0; begin < count; begin += length) {
      std::vector<Fft::Value> part(2 * length);
      for (int t = begin; t < std::min(begin + length, count); ++t) part[t - begin] = taps[t];
      fft_.forward(part);
      part.resize(length + 1);
      spectra_.push_back(part);
    }
    inputs_.assign(spectra_.size(), std::vector<Fft::Value>(length + 1));
    work_.resize(2 * length);
    heard_.assign(2 * length, 0.0f);
    output_.assign(length, 0.0);
  }

  void begin() {
    place_ = 0;
    newest_ = 0;
    for (auto& each : inputs_) std::fill(each.begin(), each.end(), Fft::Value());
    std::fill(heard_.begin(), heard_.end(), 0.0f);
    std::fill(output_.begin(), output_.end(), 0.0);
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
  Fft fft_;
  std::vector<std::vector<Fft::Value>> spectra_, inputs_;
  std::vector<Fft::Value> work_;
  std::vector<float> heard_;
  std::vector<double> output_;

  void turn() {
    place_ = 0;
    newest_ = (newest_ + inputs_.size() - 1) % inputs_.size();
    std::copy(heard_.begin(), heard_.end(), work_.begin());
    fft_.forward(work_);
    std::copy(work_.begin(), work_.begin() + length_ + 1, inputs_[newest_].begin());
    std::fill(work_.begin(), work_.end(), Fft::Value());
    for (std::size_t part = 0; part < spectra_.size(); ++part) {
      const auto& heard = inputs_[(newest_ + part) % inputs_.size()];
      const auto& taps = spectra_[part];
      for (int k = 0; k <= length_; ++k)
        work_[k] += Fft::Value(heard[k].real() * taps[k].real() - heard[k].imag() * taps[k].imag(),
                               heard[k].real() * taps[k].imag() + heard[k].imag() * taps[k].real());
    }
    for (int k = 1; k < length_; ++k) work_[2 * length_ - k] = std::conj(work_[k]);
    fft_.backward(work_);
    for (int t = 0; t < length_; ++t) output_[t] = work_[length_ + t].real() / (2.0 * length_);
    std::copy(heard_.begin() + length_, heard_.end(), heard_.begin());
  }
};

class Convolver {
 public:
  explicit Convolver(const std::vector<float>& taps) {
    const int count = static_cast<int>(taps.size());
    direct_.assign(taps.begin(), taps.begin() + std::min(count, kShort));
    past_.assign(2 * direct_.size(), 0.0f);
    for (int length = kShort; length < count; length *= kGrowth) {
      const int end = length < kLong ? std::min(count, kGrowth * length) : count;
      parts_.emplace_back(taps.data() + length, end - length, length);
      if (end == count) break;
    }
  }

  // Begin in silence; it allocates nothing.
  void begin() {
    std::fill(past_.begin(), past_.end(), 0.0f);
    at_ = 0;
    for (Partitions& part : parts_) part.begin();
  }

  double next(float sample) {
    double sum = 0.0;
    if (!direct_.empty()) {
      const std::size_t size = direct_.size();
      at_ = (at_ + size - 1) % size;
      past_[at_] = past_[at_ + size] = sample;
      for (std::size_t t = 0; t < size; ++t)
        sum += static_cast<double>(direct_[t]) * past_[at_ + t];
    }
    for (Partitions& part : parts_) sum += part.next(sample);
    return sum;
  }

 private:
  static constexpr int kShort = 64, kGrowth = 8, kLong = 4096;
  std::vector<float> direct_, past_;
  std::size_t at_ = 0;
  std::vector<Partitions> parts_;
};

}  // namespace fxchain
