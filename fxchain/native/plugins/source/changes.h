// Changes of parameters at samples of a block, in the order of the samples.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace fxchain {

struct Change {
  int offset, parameter;
  double given;  // as the host gives it: a position or a value
};

// Nothing is allocated. Of more changes than there is room for, the last of a parameter takes the
// place of the one before.
class Changes {
 public:
  void clear() { count_ = 0; }

  void add(const Change& change) {
    std::size_t place = count_;
    if (count_ == kMost) {
      while (place > 1 && all_[place - 1].parameter != change.parameter) --place;
      all_[place - 1].given = change.given;
      return;
    }
    for (++count_; place > 0 && all_[place - 1].offset > change.offset; --place)
      all_[place] = all_[place - 1];
    all_[place] = change;
  }

  // Call set(change) for each, and play(begin, count) for what is between them.
  template <typename Set, typename Play>
  void run(int count, Set set, Play play) const {
    int begin = 0;
    for (std::size_t k = 0; k < count_; ++k) {
      const int offset = std::min(std::max(all_[k].offset, 0), count);
      if (offset > begin) {
        play(begin, offset - begin);
        begin = offset;
      }
      set(all_[k]);
    }
    if (begin < count) play(begin, count - begin);
  }

 private:
  static constexpr std::size_t kMost = 4096;
  std::array<Change, kMost> all_;
  std::size_t count_ = 0;
};

}  // namespace fxchain
