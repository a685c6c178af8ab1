// Elementary functions in single precision as the GNU C library rounds them on x86-64, version 2.28
// to 2.40, which is what pedalboard calls there; equal on every machine.
//
// Sine, cosine, exponential, logarithm and power: W. Dijkstra and S. Nagy, "Arm Optimized
// Routines", 2017 to 2018: polynomials in double precision, rounded once. Tangent and hyperbolic
// tangent: fdlibm (Sun Microsystems, 1993) in single precision. Of these are the methods, the
// numbers and the order of the operations, on which the last bit depends.
#pragma once

#include <cmath>

#include "trigonometry.h"

namespace fxchain {

// Of an angle in double precision, reduced to pi/4: the sine, or the cosine.
inline double short_sine(double x) {
  const double square = x * x, cube = x * square;
  const double last = 0x1.1107605230bc4p-7 + square * -0x1.994eb3774cf24p-13;
  return (x + cube * -0x1.555545995a603p-3) + cube * square * last;
}

inline double short_cosine(double x) {
  const double square = x * x, fourth = square * square;
  const double last = -0x1.6c087e89a359dp-10 + square * 0x1.99343027bf8c3p-16;
  const double first = 1.0 + square * -0x1.ffffffd0c621cp-2;
  return (first + fourth * 0x1.55553e1068f19p-5) + fourth * square * last;
}

// quarters pi/2 + angle; |x| < 120.
struct ShortAngle {
  double angle;
  int quarters;

  explicit ShortAngle(float x) {
    // quarters in units of 2^-24, rounded
    const auto units = static_cast<std::int32_t>(x * 0x1.45f306dc9c883p+23);
    quarters = (units + 0x800000) >> 24;
    // pi/2 in two parts: their products are exact, and the difference is rounded once
    angle = (x - quarters * 0x1.921fb54p+0) - quarters * 0x1.10b46p-30;
  }
};

// The sine of an angle and so many quarters of a turn.
inline float sine_after(float x, int more) {
  if (std::fabs(x) < 0x1p-12f) return more ? 1.0f : x;
  if (!(std::fabs(x) < 120.0f))
    return static_cast<float>(ReducedAngle(static_cast<double>(x)).sine_after(more));
  const ShortAngle reduced(x);
  const int quarters = reduced.quarters + more;
  const double value = quarters & 1 ? short_cosine(reduced.angle) : short_sine(reduced.angle);
  return static_cast<float>(quarters & 2 ? -value : value);
}

inline float sin(float x) { return sine_after(x, 0); }

inline float cos(float x) { return sine_after(x, 1); }

// 2^(x/32) for whole x, times 2^r of a cubic, |r| <= 1/64.
inline double root_power(std::int64_t x, double c3, double c2, double c1, double r) {
  const std::int64_t k = x & (kRoots - 1);
  const double root = double_of(bits_of(kRoot[k]) + (static_cast<std::uint64_t>(x - k) << 47));
  const double square = r * r;
  return ((c3 * r + c2) * square + (c1 * r + 1.0)) * root;
}

constexpr double kTwo1 = 0x1.62e42ff0c52d6p-1, kTwo2 = 0x1.ebfce50fac4f3p-3,
                 kTwo3 = 0x1.c6af84b912394p-5;

inline float exp(float x) {
  if (x != x) return x;
  if (x > 0x1.62e42ep6f) return INFINITY;
  if (x < -0x1.9fe368p6f) return 0.0f;
  const double scaled = 0x1.71547652b82fep+5 * static_cast<double>(x);
  const double count = nearest(scaled);
  constexpr double kPer = kRoots;
  return static_cast<float>(root_power(static_cast<std::int64_t>(count), kTwo3 / kPer / kPer / kPer,
                                       kTwo2 / kPer / kPer, kTwo1 / kPer, scaled - count));
}

// A positive number as 2^power m, 0.7 < m < 1.4, and c near 1/m, which is the place-th of a table.
struct Mantissa {
  static constexpr double kInverse[16] = {
      0x1.661ec79f8f3bep+0, 0x1.571ed4aaf883dp+0, 0x1.49539f0f010bp+0,  0x1.3c995b0b80385p+0,
      0x1.30d190c8864a5p+0, 0x1.25e227b0b8eap+0,  0x1.1bb4a4a1a343fp+0, 0x1.12358f08ae5bap+0,
      0x1.0953f419900a7p+0, 0x1p+0,               0x1.e608cfd9a47acp-1, 0x1.ca4b31f026aap-1,
      0x1.b2036576afce6p-1, 0x1.9c2d163a1aa2dp-1, 0x1.886e6037841edp-1, 0x1.767dcf5534862p-1};
  int power, place;
  double over;  // c m - 1

  explicit Mantissa(float x) {
    constexpr std::uint32_t kLeast = 0x3f330000;
    int more = 0;
    if (x < 0x1p-126f) {
      x *= 0x1p23f;
      more = -23;
    }
    const std::uint32_t bits = bits_of(x), above = bits - kLeast;
    power = static_cast<std::int32_t>(above) >> 23;
    place = (above >> 19) & 15;
    over = single_of(bits - (above & 0xff800000u)) * kInverse[place] - 1.0;
    power += more;
  }
};

// x must be positive and finite.
inline float log(float x) {
  // of the inverses
  constexpr double kLogs[16] = {
      -0x1.57bf7808caadep-2, -0x1.2bef0a7c06ddbp-2, -0x1.01eae7f513a67p-2, -0x1.b31d8a68224e9p-3,
      -0x1.6574f0ac07758p-3, -0x1.1aa2bc79c81p-3,   -0x1.a4e76ce8c0e5ep-4, -0x1.1973c5a611cccp-4,
      -0x1.252f438e10c1ep-5, 0.0,                   0x1.aa5aa5df25984p-5,  0x1.c5e53aa362eb4p-4,
      0x1.526e57720db08p-3,  0x1.bc2860d22477p-3,   0x1.1058bc8a07ee1p-2,  0x1.4043057b6ee09p-2};
  const Mantissa m(x);
  if (x == 1.0f) return 0.0f;
  const double r = m.over, square = r * r;
  const double most = kLogs[m.place] + m.power * kLog2;
  const double sum = (0x1.5575b0be00b6ap-2 * r + -0x1.ffffef20a4123p-2) +
                     -0x1.00ea348b88334p-2 * square;
  return static_cast<float>(sum * square + (most + r));
}

// x must be positive and finite; after fdlibm.
inline float log10(float x) {
  int power = 0;
  if (x < 0x1p-126f) {
    x *= 0x1p25f;
    power = -25;
  }
  const std::uint32_t bits = bits_of(x);
  power += static_cast<int>(bits >> 23) - 127;
  const int negative = power < 0;
  const float whole = static_cast<float>(power + negative);
  const float left =
      single_of((bits & 0x007fffffu) | static_cast<std::uint32_t>(127 - negative) << 23);
  return (whole * 7.9034151668e-07f + 4.3429449201e-01f * log(left)) + whole * 3.0102920532e-01f;
}

// Two doubles would be rounded to single precision on the way.
double pow(double base, double exponent) = delete;  // of double precision: power_of_ten

// base^exponent for a base that is not negative.
inline float pow(float base, float exponent) {
  // binary logarithms of the inverses
  constexpr double kLogs[16] = {
      -0x1.efec65b963019p-2, -0x1.b0b6832d4fca4p-2, -0x1.7418b0a1fb77bp-2, -0x1.39de91a6dcf7bp-2,
      -0x1.01d9bf3f2b631p-2, -0x1.97c1d1b3b7afp-3,  -0x1.2f9e393af3c9fp-3, -0x1.960cbbf788d5cp-4,
      -0x1.a6f9db6475fcep-5, 0.0,                   0x1.338ca9f24f53dp-4,  0x1.476a9543891bap-3,
      0x1.e840b4ac4e4d2p-3,  0x1.40645f0c6651cp-2,  0x1.88e9c2c1b9ff8p-2,  0x1.ce0a44eb17bccp-2};
  if (exponent == 0.0f || base == 1.0f) return 1.0f;
  if (base == 0.0f) return exponent > 0.0f ? 0.0f : INFINITY;
  if (base == INFINITY) return exponent > 0.0f ? INFINITY : 0.0f;
  if (!(base > 0.0f) || exponent != exponent) return NAN;
  const Mantissa m(base);
  const double r = m.over, square = r * r;
  const double first = 0x1.27616c9496e0bp-2 * r + -0x1.71969a075c67ap-2;
  const double second = 0x1.ec70a6ca7baddp-2 * r + -0x1.7154748bef6c8p-1;
  const double most = 0x1.71547652ab82bp0 * r + (kLogs[m.place] + m.power);
  const double logarithm = first * (square * square) + (second * square + most);
  const double product = exponent * logarithm;
  if (product > 0x1.fffffffd1d571p+6) return INFINITY;
  if (product <= -150.0) return 0.0f;
  const double count = nearest(product * kRoots);
  return static_cast<float>(root_power(static_cast<std::int64_t>(count), kTwo3, kTwo2, kTwo1,
                                       product - count / kRoots));
}

// -1/(x + r), which is nearly -1/sum, in parts of 12 bits and the rest.
inline float negative_inverse(float x, float r, float sum) {
  const float part = single_of(bits_of(sum) & 0xfffff000u), left = r - (part - x);
  const float inverse = -1.0f / sum, cut = single_of(bits_of(inverse) & 0xfffff000u);
  return cut + inverse * ((1.0f + cut * part) + cut * left);
}

// The tangent, or -1 over it, of x + rest, |x| < 0.8; after fdlibm.
inline float short_tangent(float x, float rest, bool inverse) {
  const bool negative = x < 0.0f, far = std::fabs(x) >= 0x1.59428p-1f;
  const float sign = inverse ? -1.0f : 1.0f;
  if (far) {
    // of what is missing to pi/4
    x = (7.8539812565e-01f - std::fabs(x)) + (3.7748947079e-08f - (negative ? -rest : rest));
    rest = 0.0f;
    if (std::fabs(x) < 0x1p-13f) {
      const float value = sign * (1.0f - 2.0f * sign * x);
      return negative ? -value : value;
    }
  }
  const float z = x * x, w = z * z, cube = z * x;
  const float odd =
      1.3333334029e-01f +
      w * (2.1869488060e-02f +
           w * (3.5920790397e-03f +
                w * (5.8804126456e-04f + w * (7.8179444245e-05f + w * -1.8558637748e-05f))));
  const float even =
      z * (5.3968254477e-02f +
           w * (8.8632395491e-03f +
                w * (1.4562094584e-03f +
                     w * (2.4646313977e-04f + w * (7.1407252108e-05f + w * 2.5907305826e-05f)))));
  const float r = (rest + z * (cube * (odd + even) + rest)) + 3.3333334327e-01f * cube;
  const float sum = x + r;
  if (!far) return inverse ? negative_inverse(x, r, sum) : sum;
  const float value = sign - 2.0f * (x - (sum * sum / (sum + sign) - r));
  return negative ? -value : value;
}

inline float tan(float x) {
  if (!(std::fabs(x) < 120.0f)) return static_cast<float>(tan(static_cast<double>(x)));
  if (std::fabs(x) < 0x1p-28f) return x;
  if (std::fabs(x) <= 0x1.921fb4p-1f) return short_tangent(x, 0.0f, false);
  const ShortAngle reduced(x);
  const float angle = static_cast<float>(reduced.angle);
  const float rest = static_cast<float>(reduced.angle - angle);
  return short_tangent(angle, rest, reduced.quarters & 1);
}

// exp(x) - 1 for -2 <= x < 45: after fdlibm.
inline float expm1(float x) {
  constexpr float kPart = 6.9313812256e-01f, kRest = 9.0580006145e-06f;
  const float size = std::fabs(x);
  int k = 0;
  float lost = 0.0f;
  if (size > 0.3465735912f) {
    float high, low;
    if (size < 1.0397207737f) {
      k = x > 0.0f ? 1 : -1;
      high = x > 0.0f ? x - kPart : x + kPart;
      low = x > 0.0f ? kRest : -kRest;
    } else {
      k = static_cast<int>(1.4426950216e+00f * x + (x < 0.0f ? -0.5f : 0.5f));
      const float count = static_cast<float>(k);
      high = x - count * kPart;
      low = count * kRest;
    }
    x = high - low;
    lost = (high - x) - low;
  } else if (size < 0x1p-25f) {
    return x;
  }
  const float half = 0.5f * x, square = x * half;
  const float r =
      1.0f + square * (-3.3333335072e-02f +
                       square * (1.5873016091e-03f +
                                 square * (-7.9365076090e-05f +
                                           square * (4.0082177293e-06f + square * -2.0109921195e-07f))));
  const float t = 3.0f - r * half;
  float e = square * ((r - t) / (6.0f - x * t));
  if (k == 0) return x - (x * e - square);
  e = (x * (e - lost) - lost) - square;
  if (k == -1) return 0.5f * (x - e) - 0.5f;
  if (k == 1) return x < -0.25f ? -2.0f * (e - (x + 0.5f)) : 1.0f + 2.0f * (x - e);
  const auto scaled = [k](float value) {
    return single_of(bits_of(value) + (static_cast<std::uint32_t>(k) << 23));
  };
  const float power = single_of(static_cast<std::uint32_t>(127 - k) << 23);  // 2^-k
  if (k <= -2 || k > 56) return scaled(1.0f - (e - x)) - 1.0f;
  return k < 23 ? scaled((1.0f - power) - (e - x)) : scaled((x - (e + power)) + 1.0f);
}

inline float tanh(float x) {
  const float size = std::fabs(x);
  if (size < 0x1p-55f || x != x) return x;
  float value = 1.0f;
  if (size < 1.0f) {
    const float t = expm1(-2.0f * size);
    value = -t / (t + 2.0f);
  } else if (size < 22.0f) {
    value = 1.0f - 2.0f / (expm1(2.0f * size) + 2.0f);
  }
  return x < 0.0f ? -value : value;
}

}  // namespace fxchain
