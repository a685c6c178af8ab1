// Plays frames of stereo audio, begins anew and plays them once more: again RATE < in > out
//
// All knobs stand at three quarters; the first time they are set before the player is prepared.
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
  std::vector<float> frames(1 << 20);
  const int size = static_cast<int>(std::fread(frames.data(), 8, frames.size() / 2, stdin));
  const auto turn = [&](double position) {
    for (int k = 0; k < player.knob_count(); ++k)
      player.set(k, player.knob(k).value_at(position));
  };
  const auto play = [&] {
    std::vector<float> left(size), right(size);
    for (int t = 0; t < size; ++t) {
      left[t] = frames[2 * t];
      right[t] = frames[2 * t + 1];
    }
    float* audio[] = {left.data(), right.data()};
    player.play(audio, audio, size);
    std::fwrite(left.data(), 4, size, stdout);
    std::fwrite(right.data(), 4, size, stdout);
  };
  turn(0.75);
  player.prepare(std::atof(arguments[1]), 2);
  play();
  turn(0.2);
  float sample = 0.5f;
  float* audio[] = {&sample, &sample};
  player.play(audio, audio, 1);
  player.restart();
  turn(0.75);
  play();
}
