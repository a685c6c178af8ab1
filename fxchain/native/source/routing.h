// How the channels of a recording go into a chain and come out of it.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "effect.h"

namespace fxchain {

struct Routing {
  using Matrix = std::vector<std::vector<double>>;

  bool given = false;
  double preset_rate = 0.0;
  Matrix inputs, outputs;       // factors: (chain, recording) and (output, chain) channels
  std::vector<int> delays;      // of the outputs, samples at the preset's rate
  std::vector<float> constants;  // subtracted from the recording's channels; empty: none

  // The same for a recording of so many channels.
  Routing for_channels(int channels) const {
    Routing made = *this;
    const std::size_t known = given ? inputs[0].size() : 0, rows = inputs.size();
    const std::size_t count = channels;
    if (!given) {
      made.inputs = made.outputs = diagonal({1.0}, count);
      made.delays.assign(count, 0);
    } else if (count == known) {
      // as it is
    } else if (count == 1) {
      for (auto& row : made.inputs) {
        double sum = 0.0;
        for (double each : row) sum += each;
        row = {sum};
      }
    } else if (known > 1) {
      for (auto& row : made.inputs) row.resize(count, 0.0);
    } else {
      std::vector<double> each, behind;
      for (std::size_t k = 0; k < count; ++k) each.push_back(inputs[k % rows][0]);
      made.inputs = diagonal(each, count);
      if (rows == 1) {
        for (std::size_t k = 0; k < count; ++k) behind.push_back(outputs[k % outputs.size()][0]);
        made.outputs = diagonal(behind, count);
      }
    }
    const std::size_t out = made.outputs.size();
    for (std::size_t k = made.delays.size(); k < out; ++k)
      made.delays.push_back(delays[k % delays.size()]);
    return made;
  }

  static Matrix diagonal(const std::vector<double>& values, std::size_t count) {
    Matrix made(count, std::vector<double>(count, 0.0));
    for (std::size_t k = 0; k < count; ++k) made[k][k] = values[k % values.size()];
    return made;
  }

  static float row_sum(const std::vector<double>& row, const float* const* audio, int t) {
    double sum = 0.0;
    for (std::size_t k = 0; k < row.size(); ++k) sum += row[k] * audio[k][t];
    return static_cast<float>(sum);
  }
};

}  // namespace fxchain
