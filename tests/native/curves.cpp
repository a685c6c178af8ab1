// Prints what follows the macros of a preset, all but the first of a line standing as in the preset:
// for each macro and each of 101 positions a line with the values in the order of the followers.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "reader.h"

int main() {
  std::ifstream file(std::getenv("FXCHAIN_PRESET_FILE"), std::ios::binary);
  const std::vector<char> data(std::istreambuf_iterator<char>(file), {});
  fxchain::Reader reader(reinterpret_cast<const unsigned char*>(data.data()), data.size());
  reader.header();
  reader.routing();
  const auto stage = reader.stage();
  const auto instrument = reader.instrument();
  std::vector<fxchain::Macro> macros = reader.macros();
  const std::vector<fxchain::MovedValue> followers = reader.followers(macros.size());
  for (fxchain::Macro& macro : macros) {
    for (int k = 0; k <= 100; ++k) {
      macro.value = macro.knob.value_at(k / 100.0);
      for (const auto& each : followers) std::printf("%.17g ", each.value_for(macros));
      std::printf("\n");
    }
    macro.value = macro.knob.initial;
  }
}
