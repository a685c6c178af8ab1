// Knobs that each move several values along curves, with the values of the preset's macros.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "registry.h"

namespace fxchain {

struct Macro {
  Knob knob;
  double value;
};

// How a macro moves a value: a curve through points, straight or a cubic between them.
struct Move {
  struct Point {
    double position, value, height, tangent;
  };

  std::size_t macro;
  bool bent, ratios;  // between the points; heights are logarithms of the values
  double before, start;  // the macro where the preset was made, and the curve there
  std::vector<Point> points;

  // The value at a position of the macro; beyond the ends the curve stays.
  double value_at(double position) const {
    const double at =
        std::min(std::max(position, points.front().position), points.back().position);
    std::size_t k = 0;
    while (k + 2 < points.size() && at >= points[k + 1].position) ++k;
    const Point &a = points[k], &b = points[k + 1];
    if (at == a.position) return a.value;
    if (at == b.position) return b.value;
    const double made = bent ? cubic(a, b, at) : line(a, b, at);
    return ratios ? exp(made) : made;
  }

 private:
  static double line(const Point& a, const Point& b, double at) {
    return (b.height - a.height) / (b.position - a.position) * (at - a.position) + a.height;
  }

  static double cubic(const Point& a, const Point& b, double at) {
    const double step = b.position - a.position, t = (at - a.position) / step, rest = 1.0 - t;
    return (1.0 + 2.0 * t) * (rest * rest) * a.height + t * (rest * rest) * step * a.tangent +
           t * t * (3.0 - 2.0 * t) * b.height + t * t * (t - 1.0) * step * b.tangent;
  }
};

// A value that follows macros: their changes add up on its scale.
struct MovedValue {
  std::size_t place;  // among all values of the chain
  double value, low, high;
  bool log_scale;
  std::vector<Move> moves;

  bool follows(std::size_t macro) const {
    return std::any_of(moves.begin(), moves.end(),
                       [macro](const Move& each) { return each.macro == macro; });
  }

  double value_for(const std::vector<Macro>& macros) const {
    double change = 0.0;
    for (const Move& each : moves) {
      const double now = macros[each.macro].value;
      if (now == each.before) continue;
      const double end = each.value_at(now);
      change += (log_scale ? log(end) : end) - each.start;
    }
    if (change == 0.0) return value;
    return std::min(std::max(log_scale ? value * exp(change) : value + change, low), high);
  }
};

}  // namespace fxchain
