// Counts what is allocated while it plays, begins anew and every knob is turned: prints how often.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <new>
#include <vector>

#include "player.h"

static long allocations = 0;
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* given) noexcept { std::free(given); }
[[gnu::noinline]] void operator delete(void* given, std::size_t) noexcept { std::free(given); }

int main(int count, char** arguments) {
  std::ifstream file(std::getenv("FXCHAIN_PRESET_FILE"), std::ios::binary);
  const std::vector<char> data(std::istreambuf_iterator<char>(file), {});
  fxchain::Player player(reinterpret_cast<const unsigned char*>(data.data()), data.size());
  player.prepare(44100.0, 2);
  std::vector<float> left(1000, 0.1f), right(1000, -0.2f);
  float* audio[] = {left.data(), right.data()};
  const long before = allocations;
  for (int k = 0; k < player.knob_count(); ++k) player.set(k, player.knob(k).low);
  for (int k = 0; k < 20 + player.knob_count(); ++k) {
    player.play(audio, audio, 1000);
    if (k == 5) player.restart();
    const int knob = k - 10;
    if (knob >= 0 && knob < player.knob_count()) player.set(knob, player.knob(knob).high);
    if (count > 1 && arguments[1][0] == 'x') delete new int;
  }
  std::printf("%ld\n", allocations - before);
}
