// Exponentials and logarithms in double precision, equal on every machine: of additions,
// multiplications and divisions alone. From those of the GNU C library they differ by at most so
// many units in the last place: exp and power_of_ten 1, log 2, log10 3.
//
// exp: x = k log(2)/32 + r; 2^(k/32) of a table (P. T. P. Tang, "Table-driven implementation of the
// exponential function in IEEE floating-point arithmetic", 1989), exp(r) of its Taylor series.
// log: x = 2^k m; log(m) = 2 artanh((m - 1) / (m + 1)) of its Taylor series.
#pragma once

#include <cmath>

#include "bits.h"

namespace fxchain {

constexpr double kLog2 = 0x1.62e42fefa39efp-1, kLog10 = 0x1.26bb1bbb55516p+1;

// 2^(k/32), and what is missing there.
constexpr int kRoots = 32;
constexpr double kRoot[kRoots] = {
    0x1p+0,                 0x1.059b0d3158574p+0, 0x1.0b5586cf9890fp+0, 0x1.11301d0125b51p+0,
    0x1.172b83c7d517bp+0,   0x1.1d4873168b9aap+0, 0x1.2387a6e756238p+0, 0x1.29e9df51fdee1p+0,
    0x1.306fe0a31b715p+0,   0x1.371a7373aa9cbp+0, 0x1.3dea64c123422p+0, 0x1.44e086061892dp+0,
    0x1.4bfdad5362a27p+0,   0x1.5342b569d4f82p+0, 0x1.5ab07dd485429p+0, 0x1.6247eb03a5585p+0,
    0x1.6a09e667f3bcdp+0,   0x1.71f75e8ec5f74p+0, 0x1.7a11473eb0187p+0, 0x1.82589994cce13p+0,
    0x1.8ace5422aa0dbp+0,   0x1.93737b0cdc5e5p+0, 0x1.9c49182a3f09p+0,  0x1.a5503b23e255dp+0,
    0x1.ae89f995ad3adp+0,   0x1.b7f76f2fb5e47p+0, 0x1.c199bdd85529cp+0, 0x1.cb720dcef9069p+0,
    0x1.d5818dcfba487p+0,   0x1.dfc97337b9b5fp+0, 0x1.ea4afa2a490dap+0, 0x1.f50765b6e454p+0};
constexpr double kRootRest[kRoots] = {
    0.0,                    0x1.d73e2a475b465p-55,  0x1.8a62e4adc610bp-54,  -0x1.6c51039449b3ap-54,
    -0x1.19041b9d78a76p-55, 0x1.e016e00a2643cp-54,  0x1.9b07eb6c70573p-54,  0x1.612e8afad1255p-55,
    0x1.6f46ad23182e4p-55,  -0x1.63aeabf42eae2p-54, 0x1.ada0911f09ebcp-55,  0x1.89b7a04ef80dp-59,
    0x1.d4397afec42e2p-56,  -0x1.07abe1db13cadp-55, 0x1.6324c054647adp-54,  -0x1.383c17e40b497p-54,
    -0x1.bdd3413b26456p-54, -0x1.16e4786887a99p-55, -0x1.41577ee04992fp-55, -0x1.d4c1dd41532d8p-54,
    0x1.6e9f156864b27p-54,  -0x1.75fc781b57ebcp-57, 0x1.c7c46b071f2bep-56,  -0x1.d2f6edb8d41e1p-54,
    0x1.7a1cd345dcc81p-54,  -0x1.5584f7e54ac3bp-56, 0x1.11065895048ddp-55,  0x1.503cbd1e949dbp-56,
    0x1.2ed02d75b3707p-55,  -0x1.1a5cd4f184b5cp-54, -0x1.e9c23179c2893p-54, 0x1.9d3e12dd8a18bp-54};

// exp(x + rest), rest being small beside 1.
inline double exp_of_sum(double x, double rest) {
  if (x != x) return x;
  if (x > 710.0) return INFINITY;
  if (x < -746.0) return 0.0;
  // log(2)/32 in two parts; the first has 33 bits, so that its product with k is exact.
  constexpr double kStep = 0x1.62e42fefp-6, kStepRest = 0x1.473de6af278edp-39;
  const double count = nearest(x * (kRoots / kLog2));
  const int k = static_cast<int>(count), root = k & (kRoots - 1), exponent = (k - root) / kRoots;
  const double r = (x - count * kStep) - (count * kStepRest - rest);
  const double tail = 1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720)));
  const double grown = r + r * r * (0.5 + r * tail);
  const double made = kRoot[root] + (kRootRest[root] + kRoot[root] * grown);
  const int half = exponent / 2;
  return made * power_of_two(half) * power_of_two(exponent - half);
}

inline double exp(double x) { return exp_of_sum(x, 0.0); }

// exp(x) - 1.
inline double expm1(double x) {
  if (std::fabs(x) >= 0.3) return exp(x) - 1.0;
  double sum = 0.0;
  for (int n = 14; n >= 3; --n) sum = (1.0 + sum) * x / n;
  return x + (1.0 + sum) * x * (0.5 * x);
}

// x must be positive and finite.
inline double log(double x) {
  int exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    exponent = -54;
  }
  // x = 2^exponent m, m between the roots of 1/2 and 2
  constexpr std::uint64_t kRootOfHalf = 0x3fe6a09e667f3bcdu;
  const std::uint64_t above = bits_of(x) - kRootOfHalf;
  const auto power = static_cast<std::int64_t>(above) >> 52;
  exponent += static_cast<int>(power);
  const double m = double_of(bits_of(x) - (static_cast<std::uint64_t>(power) << 52));
  const double s = (m - 1.0) / (m + 1.0), square = s * s;
  double sum = 0.0;
  for (int n = 23; n >= 3; n -= 2) sum = square * (sum + 1.0 / n);
  // The first part of log(2) has 33 bits.
  constexpr double kPart = 0x1.62e42fefp-1, kRest = 0x1.473de6af278edp-34;
  return exponent * kPart + (2.0 * s + (2.0 * s * sum + exponent * kRest));
}

inline double log10(double x) { return log(x) / kLog10; }

// 10^x.
inline double power_of_ten(double x) {
  // The first part of log(10) has 26 bits and that of x 24, so that their product is exact.
  constexpr double kPart = 0x1.26bb1b8p+1, kRest = 0x1.daaa8ac16ea57p-26;
  const double part = static_cast<float>(x);
  return exp_of_sum(part * kPart, part * kRest + (x - part) * kLog10);
}

}  // namespace fxchain
