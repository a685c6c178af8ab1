// Changes of parameters, and notes, at samples of a block, in the order of the samples.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace fxchain {

struct Change {
  enum What { kValue, kPress, kRelease, kMidi };

  int offset;
  int parameter;  // or the key, or the three bytes of a message of MIDI, the status lowest
  double given;   // as the host gives it: a position or a value; or the velocity, 0 to 1
  What what = kValue;
};

inline Change midi_change(int offset, const unsigned char* bytes) {
  return {offset, bytes[0] | bytes[1] << 8 | bytes[2] << 16, 0.0, Change::kMidi};
}

// Nothing is allocated. Of more changes than there is room for, the last of a parameter or key takes
// the place of the one before; what has none before it is left out.
class Changes {
 public:
  void clear() { count_ = 0; }

  void add(const Change& change) {
    std::size_t place = count_;
    if (count_ == kMost) {
      while (place > 0 && !same(all_[place - 1], change)) --place;
      if (place > 0) all_[place - 1].given = change.given;
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

  static bool same(const Change& first, const Change& second) {
    return first.what == second.what && first.parameter == second.parameter;
  }
};

}  // namespace fxchain
