// Plays an instrument: lines "SAMPLE press|release|pedal|bend A B" on standard input, then frames of
// 32-bit floats on standard output.
//
//   notes RATE SAMPLES BLOCK < events > out
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "player.h"

struct Event {
  long at;
  char what[16];
  double first, second;
};

int main(int, char** arguments) {
  std::ifstream file(std::getenv("FXCHAIN_PRESET_FILE"), std::ios::binary);
  const std::vector<unsigned char> data(std::istreambuf_iterator<char>(file), {});
  fxchain::Player player(data.data(), data.size());
  if (!player.is_instrument()) return 1;
  const int outputs = player.prepare(std::atof(arguments[1]), 1);
  const long samples = std::atol(arguments[2]), block = std::atol(arguments[3]);
  std::vector<Event> events;
  Event read;
  while (std::scanf("%ld %15s %lf %lf", &read.at, read.what, &read.first, &read.second) == 4)
    events.push_back(read);
  std::vector<std::vector<float>> made(outputs, std::vector<float>(samples));
  std::size_t next = 0;
  for (long begin = 0; begin < samples;) {
    for (; next < events.size() && events[next].at <= begin; ++next) {
      const Event& event = events[next];
      const int key = static_cast<int>(event.first);
      if (!std::strcmp(event.what, "press")) player.press(key, event.second);
      if (!std::strcmp(event.what, "release")) player.release(key);
      if (!std::strcmp(event.what, "pedal")) player.pedal(event.first > 0.5);
      if (!std::strcmp(event.what, "bend")) player.bend(event.first);
      if (!std::strcmp(event.what, "set")) player.set(key, event.second);
    }
    long end = std::min(begin + block, samples);
    if (next < events.size()) end = std::min(end, events[next].at);
    std::vector<float*> to;
    for (auto& row : made) to.push_back(row.data() + begin);
    player.play(nullptr, to.data(), static_cast<int>(end - begin));
    begin = end;
  }
  for (long t = 0; t < samples; ++t)
    for (const auto& row : made) std::fwrite(&row[t], sizeof(float), 1, stdout);
}
