// Sine, cosine, tangent and hyperbolic tangent in double precision, equal on every machine: of
// additions, multiplications and divisions alone. From those of the GNU C library they differ by at
// most so many units in the last place: sin and cos 1, tan 2, tanh 3.
//
// An angle is reduced by multiples of pi/2 in parts whose products are exact (W. J. Cody and W.
// Waite, "Software Manual for the Elementary Functions", 1980); what is left, at most pi/4 and held
// in two numbers, goes into Taylor series.
#pragma once

#include <cmath>
#include <cstddef>

#include "exponentials.h"

namespace fxchain {

constexpr double kPi = 3.14159265358979323846;

// The sum of terms[n] z^n.
template <std::size_t count>
double polynomial(double z, const double (&terms)[count]) {
  double sum = terms[count - 1];
  for (std::size_t n = count - 1; n-- > 0;) sum = terms[n] + z * sum;
  return sum;
}

// quarters pi/2 + angle + rest; of the quarters the last two bits count.
struct ReducedAngle {
  double angle, rest;
  std::int64_t quarters;

  explicit ReducedAngle(double x) {
    constexpr double kMost = 0x1p31;
    if (!(std::fabs(x) < kMost)) x = std::fmod(x, 2.0 * kPi);
    const double count = x == x ? nearest(x * (2.0 / kPi)) : 0.0;
    quarters = static_cast<std::int64_t>(count);
    // pi/2 in parts of 22 bits, and what is left of it
    constexpr double kFirst = 0x1.921fbp+0, kSecond = 0x1.5110bp-22, kThird = 0x1.184698p-44,
                     kLeft = 0x1.3198a2e037073p-69;
    const double first = (x - count * kFirst) - count * kSecond, taken = count * kThird;
    const double second = first - taken, part = first - second;
    const double lost = (first - (second + part)) + (part - taken);
    const double missing = lost - count * kLeft;
    angle = second + missing;
    rest = (second - angle) + missing;
  }

  double sine() const {
    const double z = angle * angle, cube = z * angle;
    constexpr double kTerms[] = {1.0 / 120,         -1.0 / 5040,       1.0 / 362880,
                                 -1.0 / 39916800,   1.0 / 6227020800,  -1.0 / 1307674368000,
                                 1.0 / 355687428096000};
    const double sum = polynomial(z, kTerms);
    return angle - ((z * (0.5 * rest - cube * sum) - rest) + cube * (1.0 / 6));
  }

  double cosine() const {
    const double z = angle * angle, half = 0.5 * z, most = 1.0 - half;
    constexpr double kTerms[] = {1.0 / 24,        -1.0 / 720,       1.0 / 40320,
                                 -1.0 / 3628800,  1.0 / 479001600,  -1.0 / 87178291200,
                                 1.0 / 20922789888000};
    const double sum = polynomial(z, kTerms);
    return most + (((1.0 - most) - half) + (z * (z * sum) - angle * rest));
  }

  // The sine after so many more quarters.
  double sine_after(int more) const {
    const std::int64_t turned = quarters + more;
    const double value = turned & 1 ? cosine() : sine();
    return turned & 2 ? -value : value;
  }
};

inline double sin(double x) { return ReducedAngle(x).sine_after(0); }

inline double cos(double x) { return ReducedAngle(x).sine_after(1); }

inline double tan(double x) {
  const ReducedAngle reduced(x);
  const double sine = reduced.sine(), cosine = reduced.cosine();
  return reduced.quarters & 1 ? -cosine / sine : sine / cosine;
}

inline double tanh(double x) {
  const double size = std::fabs(x);
  if (size > 20.0) return x > 0.0 ? 1.0 : -1.0;
  const double less = expm1(-2.0 * size), value = -less / (less + 2.0);
  return x < 0.0 ? -value : value;
}

}  // namespace fxchain
