// Turns a knob while frames of mono audio play: turn RATE KNOB VALUE SAMPLE < in > out
//
// The knob is given by its place, the moment by the sample before which it is turned.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "player.h"

int main(int, char** arguments) {
  std::ifstream file(std::getenv("FXCHAIN_PRESET_FILE"), std::ios::binary);
  const std::vector<char> data(std::istreambuf_iterator<char>(file), {});
  fxchain::Player player(reinterpret_cast<const unsigned char*>(data.data()), data.size());
  player.prepare(std::atof(arguments[1]), 1);
  const int turned_at = std::atoi(arguments[4]);
  std::vector<float> audio(1 << 20);
  const int size = static_cast<int>(std::fread(audio.data(), 4, audio.size(), stdin));
  for (int begin = 0; begin < size;) {
    if (begin == turned_at) player.set(std::atoi(arguments[2]), std::atof(arguments[3]));
    const int limit = begin < turned_at ? turned_at : size;
    float* place = audio.data() + begin;
    const int count = std::min(limit - begin, 64);
    player.play(&place, &place, count);
    begin += count;
  }
  std::fwrite(audio.data(), 4, size, stdout);
}
