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

// The forms of one asset. A form for one sample rate alone is exact there.
using Assets = std::map<std::string, std::vector<Asset>>;

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

  // Whether all assets have a form for a sample rate; one form alone is for all of them.
  bool plays_at(double new_rate) const {
    for (const auto& [name, forms] : assets) {
      const auto fits = [&](const Asset& form) { return form.rate == new_rate; };
      if (forms.size() > 1 && std::none_of(forms.begin(), forms.end(), fits)) return false;
    }
    return true;
  }

 protected:
  double rate = 0.0;
  int channels = 0;

  const double* clamped() {
    for (std::size_t i = 0; i < values.size(); ++i)
      held_[i] = highest_shares[i] > 0.0 ? std::min(values[i], highest_shares[i] * rate) : values[i];
    return held_.data();
  }

  // The form of an asset for the sample rate, or the only one that there is.
  const Asset& asset(const std::string& name) const {
    for (const Asset& form : assets.at(name))
      if (form.rate == rate) return form;
    return assets.at(name).front();
  }

  // Refuse a sample rate for which an asset has no form.
  const Asset& asset_at_rate(const std::string& name) const {
    const Asset& found = asset(name);
    if (found.rate != rate) refuse("a response has no form for the sample rate");
    return found;
  }

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
