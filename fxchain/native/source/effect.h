// What every effect of a player is.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace fxchain {

// Stop with a reason: by an exception where there are such.
[[noreturn]] inline void refuse(const std::string& reason) {
#ifdef __cpp_exceptions
  throw std::runtime_error(reason);
#else
  (void)reason;
  std::abort();
#endif
}

// Audio is processed in blocks of at most so many samples.
constexpr int kBlock = 256;
// Filters forget what has decayed every so many samples, as pedalboard does after its buffers.
constexpr int kSettle = 8192;

// Samples that belong to an effect: channels of equal length at a sample rate, Hz.
struct Asset {
  double rate = 0.0;
  std::vector<std::vector<float>> channels;
};

using Assets = std::map<std::string, Asset>;

inline void silence(std::vector<std::vector<float>>& rows) {
  for (auto& row : rows) std::fill(row.begin(), row.end(), 0.0f);
}

// A stage plays audio[channel][sample] in place.
class Stage {
 public:
  virtual ~Stage() = default;
  // Allocate for audio of this sample rate (Hz) and so many channels, and begin in silence.
  virtual void prepare(double rate, int channels) = 0;
  // Begin in silence once more, in the audio thread.
  virtual void restart() = 0;
  virtual void play(float* const* audio, int count) = 0;
  // Set what has decayed to zero.
  virtual void settle() {}
};

// An effect whose controls are a struct that is made of their values.
class AnyEffect : public Stage {
 public:
  std::vector<double> values;
  // How the values are clamped: for each the highest share of the sample rate, or 0.
  std::vector<double> highest_shares;
  Assets assets;

  void add(double value, double highest_share) {
    values.push_back(value);
    highest_shares.push_back(highest_share);
    held_.push_back(value);
  }

  // Take over the values.
  virtual void apply() = 0;

  // Whether the effect fades by itself to another value of a control, which then jumps.
  virtual bool fades_to(std::size_t) const { return false; }

 protected:
  double rate = 0.0;
  int channels = 0;

  const double* clamped() {
    for (std::size_t i = 0; i < values.size(); ++i)
      held_[i] = highest_shares[i] > 0.0 ? std::min(values[i], highest_shares[i] * rate) : values[i];
    return held_.data();
  }

  const Asset& asset(const std::string& name) const { return assets.at(name); }

 private:
  std::vector<double> held_;
};

template <typename Knobs>
class Effect : public AnyEffect {
 public:
  void prepare(double new_rate, int new_channels) override {
    rate = new_rate;
    channels = new_channels;
    allocate();
    restart();
  }

  void restart() override {
    begin(Knobs(clamped()));
    apply();
  }

  void apply() override { set(Knobs(clamped())); }

 protected:
  // Allocate for `rate` and `channels`.
  virtual void allocate() {}
  // Begin in silence; called again for as many channels, it allocates nothing.
  virtual void begin(const Knobs&) {}
  // Compute what follows from the controls.
  virtual void set(const Knobs&) {}
};

}  // namespace fxchain
