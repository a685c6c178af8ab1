// Fast Fourier transforms of real signals.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "math.h"

namespace fxchain {

// Complex numbers as two rows, so that loops over them are vectorized.
struct Spectrum {
  std::vector<double> real, imaginary;

  explicit Spectrum(int size = 0) : real(size), imaginary(size) {}

  void clear() {
    std::fill(real.begin(), real.end(), 0.0);
    std::fill(imaginary.begin(), imaginary.end(), 0.0);
  }

  // Add the product of two spectra.
  void add_product(const Spectrum& first, const Spectrum& second) {
    const int size = static_cast<int>(real.size());
    const double* __restrict a = first.real.data();
    const double* __restrict b = first.imaginary.data();
    const double* __restrict c = second.real.data();
    const double* __restrict d = second.imaginary.data();
    double* __restrict x = real.data();
    double* __restrict y = imaginary.data();
    for (int k = 0; k < size; ++k) {
      x[k] += a[k] * c[k] - b[k] * d[k];
      y[k] += a[k] * d[k] + b[k] * c[k];
    }
  }
};

// Transforms 2 n real samples by a complex transform of size n, a power of two: their even samples
// are its real, their odd ones its imaginary parts. The complex one is Stockham's with radix 4 (C.
// Van Loan, "Computational Frameworks for the Fast Fourier Transform", 1992, sections 1.7 and 2.4):
// it needs no reordering, and its inner loops run along memory.
class RealFft {
 public:
  explicit RealFft(int half) : half_(half), work_(half), other_(half), turns_(half + 1) {
    for (int k = 0; k <= half; ++k) {
      const double angle = -kPi * k / half;
      turns_.real[k] = cos(angle);
      turns_.imaginary[k] = sin(angle);
    }
  }

  // (2 n) samples to (n + 1) bins.
  void forward(const float* samples, Spectrum& bins) {
    for (int k = 0; k < half_; ++k) {
      work_.real[k] = samples[2 * k];
      work_.imaginary[k] = samples[2 * k + 1];
    }
    run(work_.real, work_.imaginary, other_.real, other_.imaginary);
    for (int k = 0; k <= half_; ++k) {
      const int near = k % half_, far = (half_ - k) % half_;
      const double even_real = (work_.real[near] + work_.real[far]) / 2;
      const double even_imaginary = (work_.imaginary[near] - work_.imaginary[far]) / 2;
      const double odd_real = (work_.imaginary[near] + work_.imaginary[far]) / 2;
      const double odd_imaginary = (work_.real[far] - work_.real[near]) / 2;
      const double c = turns_.real[k], s = turns_.imaginary[k];
      bins.real[k] = even_real + c * odd_real - s * odd_imaginary;
      bins.imaginary[k] = even_imaginary + c * odd_imaginary + s * odd_real;
    }
  }

  // (n + 1) bins to (2 n) samples.
  template <typename Sample>
  void backward(const Spectrum& bins, Sample* samples) {
    invert(bins);
    write(0, samples);
  }

  // (n + 1) bins to the last n of (2 n) samples.
  void backward_second_half(const Spectrum& bins, double* samples) {
    invert(bins);
    write(half_ / 2, samples);
  }

 private:
  using Row = std::vector<double>;

  int half_;
  Spectrum work_, other_;
  Spectrum turns_;  // exp(-i pi k / n)

  void invert(const Spectrum& bins) {
    for (int k = 0; k < half_; ++k) {
      const int far = half_ - k;
      const double even_real = bins.real[k] + bins.real[far];
      const double even_imaginary = bins.imaginary[k] - bins.imaginary[far];
      const double odd_real = bins.real[k] - bins.real[far];
      const double odd_imaginary = bins.imaginary[k] + bins.imaginary[far];
      const double c = turns_.real[k], s = -turns_.imaginary[k];
      work_.real[k] = even_real - (s * odd_real + c * odd_imaginary);
      work_.imaginary[k] = even_imaginary + c * odd_real - s * odd_imaginary;
    }
    // With real and imaginary parts exchanged, the transform is the inverse one.
    run(work_.imaginary, work_.real, other_.imaginary, other_.real);
  }

  template <typename Sample>
  void write(int first, Sample* samples) const {
    const double scale = 1.0 / (2 * half_);
    for (int k = first; k < half_; ++k) {
      samples[2 * (k - first)] = static_cast<Sample>(work_.real[k] * scale);
      samples[2 * (k - first) + 1] = static_cast<Sample>(work_.imaginary[k] * scale);
    }
  }

  // Transform in place; the other rows are for the steps between.
  void run(Row& real, Row& imaginary, Row& other_real, Row& other_imaginary) const {
    int left = half_, stride = 1;
    for (; left >= 4; left /= 4, stride *= 4) {
      fourfold(left / 4, stride, real.data(), imaginary.data(), other_real.data(),
               other_imaginary.data());
      real.swap(other_real);
      imaginary.swap(other_imaginary);
    }
    if (left == 2)
      for (int q = 0; q < stride; ++q) {
        const double r = real[q + stride], i = imaginary[q + stride];
        real[q + stride] = real[q] - r;
        imaginary[q + stride] = imaginary[q] - i;
        real[q] += r;
        imaginary[q] += i;
      }
  }

  void fourfold(int quarter, int stride, const double* __restrict xr, const double* __restrict xi,
                double* __restrict yr, double* __restrict yi) const {
    for (int p = 0; p < quarter; ++p) {
      // exp(-2 pi i p / (4 quarter)), its square and its cube
      const int turn = 2 * p * stride;
      const double w1r = turns_.real[turn], w1i = turns_.imaginary[turn];
      const double w2r = w1r * w1r - w1i * w1i, w2i = 2 * w1r * w1i;
      const double w3r = w1r * w2r - w1i * w2i, w3i = w1r * w2i + w1i * w2r;
      const int from = stride * p, to = 4 * stride * p, step = stride * quarter;
      for (int q = 0; q < stride; ++q) {
        const int a = q + from, b = a + step, c = b + step, d = c + step;
        const double sum_r = xr[a] + xr[c], sum_i = xi[a] + xi[c];
        const double gap_r = xr[a] - xr[c], gap_i = xi[a] - xi[c];
        const double odd_r = xr[b] + xr[d], odd_i = xi[b] + xi[d];
        const double turned_r = xi[d] - xi[b], turned_i = xr[b] - xr[d];  // i (b - d)
        const int y = q + to;
        yr[y] = sum_r + odd_r;
        yi[y] = sum_i + odd_i;
        const double first_r = gap_r - turned_r, first_i = gap_i - turned_i;
        yr[y + stride] = w1r * first_r - w1i * first_i;
        yi[y + stride] = w1r * first_i + w1i * first_r;
        const double second_r = sum_r - odd_r, second_i = sum_i - odd_i;
        yr[y + 2 * stride] = w2r * second_r - w2i * second_i;
        yi[y + 2 * stride] = w2r * second_i + w2i * second_r;
        const double third_r = gap_r + turned_r, third_i = gap_i + turned_i;
        yr[y + 3 * stride] = w3r * third_r - w3i * third_i;
        yi[y + 3 * stride] = w3r * third_i + w3i * third_r;
      }
    }
  }
};

}  // namespace fxchain
