// Stages in series, in weighted sums, and of single channels.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "effect.h"
#include "math.h"

namespace fxchain {

using Stages = std::vector<std::unique_ptr<Stage>>;

class Series : public Stage {
 public:
  explicit Series(Stages stages) : stages_(std::move(stages)) {}

  void prepare(double rate, int channels) override {
    for (auto& stage : stages_) stage->prepare(rate, channels);
  }
  void restart() override {
    for (auto& stage : stages_) stage->restart();
  }
  void play(float* const* audio, int count) override {
    for (auto& stage : stages_) stage->play(audio, count);
  }
  void settle() override {
    for (auto& stage : stages_) stage->settle();
  }

 private:
  Stages stages_;
};

// A sum of branches, each times a weight: its values are the weights.
class Sum : public AnyEffect {
 public:
  // A weight is given as a level in dB and a sign.
  void add_branch(double level_db, bool negative, std::unique_ptr<Stage> branch) {
    const double weight = power_of_ten(level_db / 20.0);
    add(negative ? -weight : weight, 0.0);
    taken_.push_back(values.back());
    const float gain = decibels_to_gain(level_db);
    gains_.push_back(negative ? -gain : gain);
    branches_.push_back(std::move(branch));
  }

  // Take over the weights that have changed.
  void apply() override {
    for (std::size_t b = 0; b < values.size(); ++b) {
      if (values[b] == taken_[b]) continue;
      taken_[b] = values[b];
      const double size = std::fabs(values[b]);
      const float gain =
          decibels_to_gain(size > 0.0 ? std::max(20.0 * log10(size), kSilence) : kSilence);
      gains_[b] = values[b] < 0.0 ? -gain : gain;
    }
  }

  void prepare(double rate, int channels) override {
    apply();
    for (auto& branch : branches_) branch->prepare(rate, channels);
    held_.assign(2 * channels, std::vector<float>(kBlock));
    copy_.resize(channels);
    total_.resize(channels);
    for (int c = 0; c < channels; ++c) {
      copy_[c] = held_[c].data();
      total_[c] = held_[channels + c].data();
    }
  }

  void restart() override {
    apply();
    for (auto& branch : branches_) branch->restart();
  }

  void play(float* const* audio, int count) override {
    const std::size_t channels = copy_.size();
    for (std::size_t c = 0; c < channels; ++c) std::fill(total_[c], total_[c] + count, 0.0f);
    for (std::size_t b = 0; b < branches_.size(); ++b) {
      for (std::size_t c = 0; c < channels; ++c) std::copy(audio[c], audio[c] + count, copy_[c]);
      branches_[b]->play(copy_.data(), count);
      for (std::size_t c = 0; c < channels; ++c)
        for (int t = 0; t < count; ++t) total_[c][t] += copy_[c][t] * gains_[b];
    }
    for (std::size_t c = 0; c < channels; ++c) std::copy(total_[c], total_[c] + count, audio[c]);
  }

  void settle() override {
    for (auto& branch : branches_) branch->settle();
  }

 private:
  // The level of a weight of 0, dB.
  static constexpr double kSilence = -240.0;
  Stages branches_;
  std::vector<double> taken_;
  std::vector<float> gains_;
  std::vector<std::vector<float>> held_;
  std::vector<float*> copy_, total_;
};

// Channel k goes through branch k modulo the number of branches.
class PerChannel : public Stage {
 public:
  explicit PerChannel(Stages branches) : branches_(std::move(branches)) {}

  void prepare(double rate, int channels) override {
    heard_.assign(branches_.size(), {});
    for (int c = 0; c < channels; ++c) heard_[c % branches_.size()].push_back(c);
    pointers_.resize(channels);
    for (std::size_t b = 0; b < branches_.size(); ++b)
      if (!heard_[b].empty()) branches_[b]->prepare(rate, static_cast<int>(heard_[b].size()));
  }

  void restart() override {
    for (std::size_t b = 0; b < branches_.size(); ++b)
      if (!heard_[b].empty()) branches_[b]->restart();
  }

  void play(float* const* audio, int count) override {
    for (std::size_t b = 0; b < branches_.size(); ++b) {
      if (heard_[b].empty()) continue;
      for (std::size_t i = 0; i < heard_[b].size(); ++i) pointers_[i] = audio[heard_[b][i]];
      branches_[b]->play(pointers_.data(), count);
    }
  }

  void settle() override {
    for (std::size_t b = 0; b < branches_.size(); ++b)
      if (!heard_[b].empty()) branches_[b]->settle();
  }

 private:
  Stages branches_;
  std::vector<std::vector<int>> heard_;
  std::vector<float*> pointers_;
};

}  // namespace fxchain
