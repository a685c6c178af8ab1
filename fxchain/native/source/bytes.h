// Little-endian numbers, and texts with their lengths first.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "effect.h"

namespace fxchain {

class Bytes {
 public:
  Bytes(const unsigned char* data, std::size_t size) : at_(data), left_(size) {}

  template <typename Value>
  Value take() {
    Value value;
    if (left_ < sizeof(Value)) refuse("the preset is cut off");
    std::memcpy(&value, at_, sizeof(Value));
    at_ += sizeof(Value);
    left_ -= sizeof(Value);
    return value;
  }
  std::uint32_t number() { return take<std::uint32_t>(); }
  double real() { return take<double>(); }
  std::string text() {
    std::string made;
    for (std::uint32_t n = number(); n > 0; --n) made.push_back(take<char>());
    return made;
  }

  const unsigned char* rest() const { return at_; }
  std::size_t rest_size() const { return left_; }

 private:
  const unsigned char* at_;
  std::size_t left_;
};

}  // namespace fxchain
