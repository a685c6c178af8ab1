// The sound sources that an instrument knows, and the controls of its voices.
#pragma once

#include <string>
#include <vector>

#include "registry.h"
#include "voice_controls.h"

namespace fxchain {

struct SourceKind {
  std::string name;
  std::vector<Knob> knobs;
  // Write Fourier coefficients of the harmonics 1 to count, which are 0 before; null: noise.
  void (*coefficients)(const double* values, const std::vector<double>& cycle, int count,
                       double* real, double* imaginary);
  bool measured;  // its cycle stands in the patch: real and imaginary parts in turn
};

// Defined in sources.cpp, which is assembled of all sources.
const std::vector<SourceKind>& source_kinds();
const std::vector<Knob>& voice_knobs();
const Knob& level_knob();
const Knob& weight_knob();

}  // namespace fxchain
