// Plays frames of little-endian 32-bit floats from standard input to standard output.
//
//   render RATE CHANNELS [BLOCK] < in > out
//
// The preset is the one that is compiled in, or the file that FXCHAIN_PRESET_FILE names.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <vector>

#include "player.h"

extern const unsigned char fxchain_preset[];
extern const std::size_t fxchain_preset_size;

namespace {

int run(double rate, int channels, int block) {
  std::vector<unsigned char> data(fxchain_preset, fxchain_preset + fxchain_preset_size);
  if (const char* name = std::getenv("FXCHAIN_PRESET_FILE")) {
    std::ifstream file(name, std::ios::binary);
    data.assign(std::istreambuf_iterator<char>(file), {});
  }
  fxchain::Player player(data.data(), data.size());
  const int outputs = player.prepare(rate, channels);
  std::vector<float> frames(static_cast<std::size_t>(block) * channels);
  std::vector<float> played(static_cast<std::size_t>(block) * outputs);
  std::vector<std::vector<float>> in(channels, std::vector<float>(block));
  std::vector<std::vector<float>> out(outputs, std::vector<float>(block));
  std::vector<const float*> from;
  std::vector<float*> to;
  for (auto& row : in) from.push_back(row.data());
  for (auto& row : out) to.push_back(row.data());
  for (;;) {
    const std::size_t got =
        std::fread(frames.data(), sizeof(float) * channels, block, stdin);
    if (got == 0) break;
    const int count = static_cast<int>(got);
    for (int t = 0; t < count; ++t)
      for (int c = 0; c < channels; ++c) in[c][t] = frames[t * channels + c];
    player.play(from.data(), to.data(), count);
    for (int t = 0; t < count; ++t)
      for (int c = 0; c < outputs; ++c) played[t * outputs + c] = out[c][t];
    std::fwrite(played.data(), sizeof(float) * outputs, got, stdout);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const double rate = count > 1 ? std::atof(arguments[1]) : 0.0;
  const int channels = count > 2 ? std::atoi(arguments[2]) : 0;
  const int block = count > 3 ? std::atoi(arguments[3]) : 512;
  if (rate <= 0.0 || channels <= 0 || block <= 0) {
    std::fprintf(stderr, "usage: render RATE CHANNELS [BLOCK] < in > out\n");
    return 2;
  }
  try {
    return run(rate, channels, block);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
