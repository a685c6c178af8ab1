// Delay lines, one for each channel, read at delays that move: linear between two samples.
#pragma once

#include <algorithm>
#include <vector>

namespace fxchain {

class DelayLines {
 public:
  // Every delay is shorter than `longest` samples by two.
  void allocate(int channels, std::size_t longest) {
    lines_.assign(channels, std::vector<float>(longest));
  }

  void begin() {
    for (auto& line : lines_) std::fill(line.begin(), line.end(), 0.0f);
    place_ = 0;
  }

  void write(int channel, float sample) { lines_[channel][place_] = sample; }

  // What was written `delay` samples ago, 0 for what has just been.
  float read(int channel, float delay) const {
    const std::vector<float>& line = lines_[channel];
    const int whole = static_cast<int>(delay);
    const float part = delay - static_cast<float>(whole);
    const float near = line[(place_ + line.size() - whole) % line.size()];
    const float far = line[(place_ + line.size() - whole - 1) % line.size()];
    return near + part * (far - near);
  }

  // Goes on to the next sample, when all channels were written.
  void step() { place_ = place_ + 1 == lines_[0].size() ? 0 : place_ + 1; }

 private:
  std::vector<std::vector<float>> lines_;
  std::size_t place_ = 0;
};

}  // namespace fxchain
