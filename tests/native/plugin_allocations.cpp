// Counts what a CLAP allocates in the audio thread: plugin_allocations FILE [x]
//
// All parameters are turned before the first sample and between blocks, and it is reset. With x the
// program allocates itself, once in each block.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "clap_abi.h"

static long allocations = 0;
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* given, std::size_t size) {
  ++allocations;
  return __libc_realloc(given, size);
}
}

using namespace fxchain::clap;

static std::vector<ParameterEvent> events;

int main(int count, char** arguments) {
  void* binary = dlopen(arguments[1], RTLD_NOW);
  if (!binary) return std::fprintf(stderr, "%s\n", dlerror()), 1;
  const Entry& entry = *static_cast<const Entry*>(dlsym(binary, "clap_entry"));
  if (!entry.init(arguments[1])) return 1;
  const Factory& factory = *static_cast<const Factory*>(entry.get_factory("clap.plugin-factory"));
  const Plugin* plugin = factory.create(&factory, nullptr, factory.descriptor(&factory, 0)->id);
  plugin->init(plugin);
  if (!plugin->activate(plugin, 44100.0, 1, 1024)) return 1;
  const auto* parameters =
      static_cast<const Parameters*>(plugin->get_extension(plugin, "clap.params"));
  const InputEvents list = {
      nullptr, [](const InputEvents*) { return static_cast<std::uint32_t>(events.size()); },
      [](const InputEvents*, std::uint32_t index) -> const Event* { return &events[index].head; }};
  std::vector<float> left(1000, 0.1f), right(1000, -0.2f);
  float* rows[] = {left.data(), right.data()};
  const AudioBuffer input = {rows, nullptr, 2, 0, 0};
  AudioBuffer output = input;
  const Process call = {-1, 1000, nullptr, &input, &output, 1, 1, &list, nullptr};
  const std::uint32_t known = parameters->count(plugin);
  events.reserve(known);
  long counted = 0;
  for (int block = 0; block < 20; ++block) {
    events.clear();
    for (std::uint32_t k = 0; k < known && block % 4 == 0; ++k) {
      ParameterEvent event = {};
      event.head = {sizeof event, k % 1000, 0, kParameterValue, 0};
      event.parameter = k;
      event.value = block % 8 == 0 ? 1.0 : 0.0;
      events.push_back(event);
    }
    const long before = allocations;
    if (block == 10) plugin->reset(plugin);
    if (plugin->process(plugin, &call) != kContinue) return 1;
    if (count > 2) std::free(std::malloc(1));
    counted += allocations - before;
  }
  std::printf("%ld\n", counted);
}
