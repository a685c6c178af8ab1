// The sum of two oscillators whose periods are tables, between whose values lie straight lines.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "cycles.h"

namespace fxchain {

class TableCycles {
 public:
  // Two tables of equal length, one after the other.
  void allocate(const std::vector<float>& tables) {
    const std::size_t entries = tables.size() / 2;
    mean_ = 0.0;
    most_ = 0.0;
    for (std::size_t n = 0; n < 2; ++n) {
      tables_[n].assign(tables.begin() + n * entries, tables.begin() + (n + 1) * entries);
      double sum = 0.0, largest = 0.0;
      for (double each : tables_[n]) {
        sum += each;
        largest = std::max(largest, std::fabs(each));
      }
      mean_ += sum / static_cast<double>(entries);
      most_ += largest;
    }
  }

  // What the sum of the tables does not exceed.
  double most() const { return most_; }

  template <typename Knobs>
  void begin(double rate, const Knobs& knobs) {
    cycles_[0].begin(rate, knobs.rate_hz, knobs.phase_degrees);
    cycles_[1].begin(rate, knobs.second_rate_hz, knobs.second_phase_degrees);
  }

  template <typename Knobs>
  void set(const Knobs& knobs) {
    cycles_[0].set(knobs.rate_hz, knobs.phase_degrees);
    cycles_[1].set(knobs.second_rate_hz, knobs.second_phase_degrees);
    depth_ = knobs.depth;
  }

  double next() {
    double total = 0.0;
    for (std::size_t n = 0; n < 2; ++n) {
      const std::vector<double>& table = tables_[n];
      const double turns = cycles_[n].next();
      const double at = (turns - std::floor(turns)) * static_cast<double>(table.size());
      const std::size_t whole = static_cast<std::size_t>(std::floor(at)) % table.size();
      const double near = table[whole], far = table[(whole + 1) % table.size()];
      total += near + (at - std::floor(at)) * (far - near);
    }
    return mean_ + depth_ * (total - mean_);
  }

 private:
  std::vector<double> tables_[2];
  Cycles cycles_[2];
  double mean_ = 0.0, most_ = 0.0, depth_ = 1.0;
};

}  // namespace fxchain
