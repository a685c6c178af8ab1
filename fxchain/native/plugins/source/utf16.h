// Texts between UTF-8 and UTF-16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fxchain {

// Write a text with a zero behind it, cut off where there is no room.
inline void to_utf16(const std::string& text, char16_t* made, std::size_t room) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char first = static_cast<unsigned char>(text[at++]);
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    std::uint32_t code = more ? first & (0x3F >> more) : first;
    for (int k = 0; k < more && at < text.size(); ++k)
      code = code << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
    if (count + (code > 0xFFFF ? 2 : 1) >= room) break;
    if (code > 0xFFFF) {
      made[count++] = static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
      made[count++] = static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
    } else {
      made[count++] = static_cast<char16_t>(code);
    }
  }
  made[count] = 0;
}

inline std::string to_utf8(const char16_t* text) {
  std::string made;
  while (*text) {
    std::uint32_t code = *text++;
    if (code >= 0xD800 && code < 0xDC00 && *text)
      code = 0x10000 + ((code - 0xD800) << 10) + (*text++ - 0xDC00);
    const int more = code > 0xFFFF ? 3 : code > 0x7FF ? 2 : code > 0x7F ? 1 : 0;
    constexpr int kFirst[4] = {0, 0xC0, 0xE0, 0xF0};
    made.push_back(static_cast<char>(kFirst[more] | (code >> (6 * more))));
    for (int k = more - 1; k >= 0; --k)
      made.push_back(static_cast<char>(0x80 | ((code >> (6 * k)) & 0x3F)));
  }
  return made;
}

}  // namespace fxchain
