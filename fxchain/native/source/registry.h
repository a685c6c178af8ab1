// The effects that a player knows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "effect.h"

namespace fxchain {

// A control: its name, unit and range; log_scale: equal ratios are equal lengths of a slider.
struct Knob {
  std::string name, unit;
  double low, high, initial;
  bool log_scale, whole_numbers;
};

struct Kind {
  std::string name;
  std::vector<Knob> knobs;
  std::unique_ptr<AnyEffect> (*make)();
};

// Defined in effects.cpp, which is assembled of all primitives.
const std::vector<Kind>& kinds();

}  // namespace fxchain
