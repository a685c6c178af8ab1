// Floating-point numbers as their bits (IEEE 754).
#pragma once

#include <cstdint>
#include <cstring>

namespace fxchain {

inline std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline std::uint64_t bits_of(double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float single_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline double double_of(std::uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The nearest whole number; halves go to the even one. |value| < 2^51.
inline double nearest(double value) {
  constexpr double kShift = 0x1.8p52;
  return (value + kShift) - kShift;
}

// 2^exponent, -1022 <= exponent <= 1023.
inline double power_of_two(int exponent) {
  return double_of(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

}  // namespace fxchain
