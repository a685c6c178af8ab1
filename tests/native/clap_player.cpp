// A host of CLAP for machines that have no other: frames of 32-bit floats through one plug-in.
//
//   clap_player FILE RATE CHANNELS BLOCK < in > out
#include <cstdio>
#include <cstdlib>

#include "clap_abi.h"

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#define NOMINMAX
#include <windows.h>

static void binary_streams() {
  _setmode(_fileno(stdin), _O_BINARY);
  _setmode(_fileno(stdout), _O_BINARY);
}
static void* found(const char* file, const char* name) {
  const HMODULE library = LoadLibraryA(file);
  return library ? reinterpret_cast<void*>(GetProcAddress(library, name)) : nullptr;
}
#else
#include <dlfcn.h>

static void binary_streams() {}
static void* found(const char* file, const char* name) {
  void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  return library ? dlsym(library, name) : nullptr;
}
#endif

using namespace fxchain::clap;

static int refused(const char* reason) {
  std::fprintf(stderr, "%s\n", reason);
  return 1;
}

int main(int given, char** arguments) {
  if (given != 5) return 2;
  const int channels = std::atoi(arguments[3]), block = std::atoi(arguments[4]);
  if (channels < 1 || channels > 2 || block < 1) return 2;
  binary_streams();
  const auto* entry = static_cast<const Entry*>(found(arguments[1], "clap_entry"));
  if (!entry || !entry->init(arguments[1])) return refused("the file is no CLAP");
  const auto* factory = static_cast<const Factory*>(entry->get_factory("clap.plugin-factory"));
  const char* id = factory->descriptor(factory, 0)->id;
  const Plugin* plugin = factory->create(factory, nullptr, id);
  if (!plugin || !plugin->init(plugin)) return refused("the plug-in cannot be made");
  if (!plugin->activate(plugin, std::atof(arguments[2]), 1, block))
    return refused("the plug-in refuses the sample rate");
  plugin->start_processing(plugin);
  const std::size_t row = sizeof(float) * block;
  auto* frames = static_cast<float*>(std::malloc(row * channels));
  float *in[2], *out[2];
  for (int c = 0; c < channels; ++c) {
    in[c] = static_cast<float*>(std::malloc(row));
    out[c] = static_cast<float*>(std::malloc(row));
  }
  const InputEvents none = {
      nullptr, [](const InputEvents*) -> std::uint32_t { return 0; },
      [](const InputEvents*, std::uint32_t) -> const Event* { return nullptr; }};
  const auto count = static_cast<std::uint32_t>(channels);
  const AudioBuffer heard = {in, nullptr, count, 0, 0};
  AudioBuffer made = {out, nullptr, count, 0, 0};
  Process call = {-1, 0, nullptr, &heard, &made, 1, 1, &none, nullptr};
  std::size_t got;
  while ((got = std::fread(frames, sizeof(float) * channels, block, stdin)) > 0) {
    for (std::size_t t = 0; t < got; ++t)
      for (int c = 0; c < channels; ++c) in[c][t] = frames[t * channels + c];
    call.count = static_cast<std::uint32_t>(got);
    if (plugin->process(plugin, &call) != kContinue) return refused("the plug-in stops");
    for (std::size_t t = 0; t < got; ++t)
      for (int c = 0; c < channels; ++c) frames[t * channels + c] = out[c][t];
    std::fwrite(frames, sizeof(float) * channels, got, stdout);
  }
  plugin->stop_processing(plugin);
  plugin->deactivate(plugin);
  plugin->destroy(plugin);
  entry->deinit();
}
