// A host of LV2 for machines that have no other: frames of 32-bit floats through one plug-in.
//
//   lv2_host LIBRARY RATE CHANNELS BLOCK < in > out
//
// Its audio ports come first, all inputs before all outputs; the others stay as they are.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Descriptor {
  const char* uri;
  void* (*instantiate)(const struct Descriptor*, double, const char*, const void* const*);
  void (*connect_port)(void*, uint32_t, void*);
  void (*activate)(void*);
  void (*run)(void*, uint32_t);
  void (*deactivate)(void*);
  void (*cleanup)(void*);
  const void* (*extension_data)(const char*);
} Descriptor;

int main(int count, char** arguments) {
  if (count != 5) return 2;
  void* library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const Descriptor* (*find)(uint32_t) =
      (const Descriptor* (*)(uint32_t))dlsym(library, "lv2_descriptor");
  const Descriptor* plugin = find ? find(0) : NULL;
  const int channels = atoi(arguments[3]), block = atoi(arguments[4]);
  const void* features[] = {NULL};
  void* here = plugin ? plugin->instantiate(plugin, atof(arguments[2]), "", features) : NULL;
  if (!here) {
    fprintf(stderr, "no plug-in, or it refuses the sample rate\n");
    return 1;
  }
  float* frames = malloc(sizeof(float) * block * channels);
  float* rows = malloc(sizeof(float) * block * channels * 2);
  for (int port = 0; port < 2 * channels; ++port)
    plugin->connect_port(here, port, rows + port * block);
  float* out = rows + channels * block;
  plugin->activate(here);
  size_t got;
  while ((got = fread(frames, sizeof(float) * channels, block, stdin)) > 0) {
    for (size_t t = 0; t < got; ++t)
      for (int c = 0; c < channels; ++c) rows[c * block + t] = frames[t * channels + c];
    plugin->run(here, got);
    for (size_t t = 0; t < got; ++t)
      for (int c = 0; c < channels; ++c) frames[t * channels + c] = out[c * block + t];
    fwrite(frames, sizeof(float) * channels, got, stdout);
  }
  plugin->deactivate(here);
  plugin->cleanup(here);
  dlclose(library);
  return 0;
}
