#include "description.h"

#include <cstring>

#include "bytes.h"
#include "own_file.h"

namespace fxchain {

namespace {

constexpr char kMark[] = "fxchain.";
constexpr std::size_t kFoot = 24;  // length, checksum, mark

// CRC-32 as in zlib.
std::uint32_t checksum(const unsigned char* data, std::size_t size) {
  std::uint32_t table[256];
  for (std::uint32_t k = 0; k < 256; ++k) {
    table[k] = k;
    for (int bit = 0; bit < 8; ++bit) table[k] = table[k] >> 1 ^ (table[k] & 1 ? 0xEDB88320u : 0);
  }
  std::uint32_t sum = 0xFFFFFFFFu;
  for (std::size_t k = 0; k < size; ++k) sum = sum >> 8 ^ table[(sum ^ data[k]) & 0xFF];
  return ~sum;
}

std::vector<unsigned char> own_data;

// Where the binary is unloaded.
__attribute__((destructor)) void release() { std::vector<unsigned char>().swap(own_data); }

}  // namespace

bool Description::read(const unsigned char* data, std::size_t size) {
  if (size < kFoot || std::memcmp(data + size - 8, kMark, 8) != 0) return false;
  std::uint64_t length, sum;
  std::memcpy(&length, data + size - kFoot, 8);
  std::memcpy(&sum, data + size - kFoot + 8, 8);
  if (length > size - kFoot) return false;
  const unsigned char* begin = data + size - kFoot - length;
  if (checksum(begin, length) != sum) return false;
  Bytes bytes(begin, length);
  if (bytes.text() != "fxchain-plugin-1") return false;
  name = bytes.text();
  id = bytes.text();
  channels = static_cast<int>(bytes.number());
  controls.resize(bytes.number());
  for (Control& each : controls) {
    each.name = bytes.text();
    each.group = bytes.text();
    each.unit = bytes.text();
    each.choices.resize(bytes.number());
    for (std::string& choice : each.choices) choice = bytes.text();
  }
  preset = bytes.rest();
  preset_size = bytes.rest_size();
  return true;
}

const Description* own_description() {
  static Description made;
  static bool known = false;
  if (known) return &made;
  // The end of this binary, or a file of the bundle where that would void a signature.
  for (const char* place : {"", "../Resources/preset.bin", "preset.bin"}) {
    own_data = read_own_file(place);
    known = made.read(own_data.data(), own_data.size());
    if (known) return &made;
  }
  return nullptr;
}

}  // namespace fxchain
