// A host of LV2 for machines that have no other: frames of 32-bit floats through one plug-in.
//
//   lv2_player LIBRARY RATE CHANNELS BLOCK < in > out
//
// Its audio ports come first, all inputs before all outputs; the others stay as they are.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

struct Descriptor {
  const char* uri;
  void* (*instantiate)(const Descriptor*, double, const char*, const void* const*);
  void (*connect_port)(void*, std::uint32_t, void*);
  void (*activate)(void*);
  void (*run)(void*, std::uint32_t);
  void (*deactivate)(void*);
  void (*cleanup)(void*);
  const void* (*extension_data)(const char*);
};

int main(int count, char** arguments) {
  if (count != 5) return 2;
  void* library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  using Find = const Descriptor* (*)(std::uint32_t);
  const auto find = reinterpret_cast<Find>(dlsym(library, "lv2_descriptor"));
  const Descriptor* plugin = find ? find(0) : nullptr;
  const int channels = std::atoi(arguments[3]), block = std::atoi(arguments[4]);
  const void* features[] = {nullptr};
  void* here = plugin ? plugin->instantiate(plugin, std::atof(arguments[2]), "", features) : nullptr;
  if (!here) {
    std::fprintf(stderr, "no plug-in, or it refuses the sample rate\n");
    return 1;
  }
  auto* frames = static_cast<float*>(std::malloc(sizeof(float) * block * channels));
  auto* rows = static_cast<float*>(std::malloc(sizeof(float) * block * channels * 2));
  for (int port = 0; port < 2 * channels; ++port)
    plugin->connect_port(here, port, rows + port * block);
  float* out = rows + channels * block;
  plugin->activate(here);
  std::size_t got;
  while ((got = std::fread(frames, sizeof(float) * channels, block, stdin)) > 0) {
    for (std::size_t t = 0; t < got; ++t)
      for (int c = 0; c < channels; ++c) rows[c * block + t] = frames[t * channels + c];
    plugin->run(here, got);
    for (std::size_t t = 0; t < got; ++t)
      for (int c = 0; c < channels; ++c) frames[t * channels + c] = out[c * block + t];
    std::fwrite(frames, sizeof(float) * channels, got, stdout);
  }
  plugin->deactivate(here);
  plugin->cleanup(here);
  dlclose(library);
}
