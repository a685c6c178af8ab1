// A setting that cannot glide: the effect with the former one fades into the effect with the next.
#pragma once

#include <algorithm>

namespace fxchain {

// While it fades, a further setting waits.
template <typename Setting>
class Fading {
 public:
  // Begin with a setting at a sample rate, Hz.
  void begin(double rate, const Setting& setting) {
    length_ = std::max(static_cast<int>(kSeconds * rate), 1);
    past_ = length_;
    waiting_ = to_ = from_ = setting;
  }

  void want(const Setting& setting) { waiting_ = setting; }

  // Before a block: whether it fades in it.
  bool fades() {
    if (past_ == length_ && !(waiting_ == to_)) {
      from_ = to_;
      to_ = waiting_;
      past_ = 0;
    }
    return past_ < length_;
  }

  const Setting& from() const { return from_; }
  const Setting& to() const { return to_; }

  // Between a number with the former setting and one with the next, at a sample of the block.
  float faded(float former, float next, int sample) const {
    const int past = past_ + sample + 1;
    return past < length_ ? former + (next - former) * (static_cast<float>(past) / length_) : next;
  }

  // Behind a block of so many samples.
  void pass(int count) { past_ = std::min(past_ + count, length_); }

 private:
  static constexpr double kSeconds = 0.02;
  Setting from_ = {}, to_ = {}, waiting_ = {};
  int past_ = 1, length_ = 1;
};

}  // namespace fxchain
