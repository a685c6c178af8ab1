// The effects that a player knows.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "effect.h"
#include "math.h"

namespace fxchain {

// A control: its name, unit and range; log_scale: equal ratios are equal lengths of a slider.
struct Knob {
  std::string name, unit;
  double low, high, initial;
  bool log_scale, whole_numbers;

  // Where in [0, 1] a value lies, and the value that lies there.
  double position(double value) const {
    return log_scale ? log(value / low) / log(high / low) : (value - low) / (high - low);
  }
  double value_at(double position) const {
    return log_scale ? low * exp(position * log(high / low))
                     : low + position * (high - low);
  }
};

struct Kind {
  std::string name;
  std::vector<Knob> knobs;
  std::unique_ptr<AnyEffect> (*make)();
};

// Defined in effects.cpp, which is assembled of all primitives.
const std::vector<Kind>& kinds();

}  // namespace fxchain
