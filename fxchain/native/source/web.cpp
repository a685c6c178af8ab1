// The player as a WebAssembly module: plain functions and buffers.
//
// load(size) reads the preset that was copied to allocate(size); begin(rate, channels) returns how
// many channels come out; play(count) plays input(channel) into output(channel).
#include <memory>
#include <vector>

#include "player.h"

#define EXPORTED(name) __attribute__((export_name(#name), visibility("default")))

namespace {

constexpr int kMost = 1024;
std::vector<unsigned char> data;
std::unique_ptr<fxchain::Player> player;
std::vector<std::vector<float>> in, out;
std::vector<const float*> from;
std::vector<float*> to;

}  // namespace

extern "C" {

EXPORTED(allocate) unsigned char* allocate(int size) {
  data.resize(size);
  return data.data();
}

EXPORTED(load) void load() {
  player = std::make_unique<fxchain::Player>(data.data(), data.size());
}

EXPORTED(begin) int begin(double rate, int channels) {
  const int outputs = player->prepare(rate, channels);
  in.assign(channels, std::vector<float>(kMost));
  out.assign(outputs, std::vector<float>(kMost));
  from.clear();
  to.clear();
  for (auto& row : in) from.push_back(row.data());
  for (auto& row : out) to.push_back(row.data());
  return outputs;
}

EXPORTED(input) float* input(int channel) { return in[channel].data(); }
EXPORTED(output) float* output(int channel) { return out[channel].data(); }
EXPORTED(play) void play(int count) { player->play(from.data(), to.data(), count); }
EXPORTED(midi) void midi(int status, int first, int second) { player->midi(status, first, second); }
EXPORTED(set) void set(int knob, double value) { player->set(knob, value); }
}
