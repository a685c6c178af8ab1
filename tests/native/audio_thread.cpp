// Counts what a CLAP allocates, locks and opens in the audio thread: audio_thread FILE [WHAT]
//
// All parameters are turned before the first sample and between blocks, and it is reset. The program
// itself does WHAT once in each block: allocate, lock or open.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "clap_abi.h"

static long calls = 0, opened = 0;

// What the next library calls so.
template <typename Function>
static Function* next_of(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
int pthread_mutex_lock(pthread_mutex_t* mutex) {
  ++calls;
  static auto* const next = next_of<int(pthread_mutex_t*)>("pthread_mutex_lock");
  return next(mutex);
}
std::FILE* fopen(const char* name, const char* mode) {
  ++calls;
  ++opened;
  static auto* const next = next_of<std::FILE*(const char*, const char*)>("fopen");
  return next(name, mode);
}
int open(const char* name, int flags, ...) {
  ++calls;
  static auto* const next = next_of<int(const char*, int, ...)>("open");
  return next(name, flags, 0600);
}
void* malloc(std::size_t size) {
  ++calls;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++calls;
  return __libc_calloc(count, size);
}
void* realloc(void* given, std::size_t size) {
  ++calls;
  return __libc_realloc(given, size);
}
}

using namespace fxchain::clap;

static std::vector<ParameterEvent> events;
constexpr std::uint32_t kNotes = 20;
static NoteEvent notes[kNotes];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

int main(int count, char** arguments) {
  void* binary = dlopen(arguments[1], RTLD_NOW);
  if (!binary) return std::fprintf(stderr, "%s\n", dlerror()), 1;
  const Entry& entry = *static_cast<const Entry*>(dlsym(binary, "clap_entry"));
  if (!entry.init(arguments[1])) return 1;
  const Factory& factory = *static_cast<const Factory*>(entry.get_factory("clap.plugin-factory"));
  const Plugin* plugin = factory.create(&factory, nullptr, factory.descriptor(&factory, 0)->id);
  plugin->init(plugin);
  // By now it has read its own file.
  if (!opened) return std::fprintf(stderr, "calls of the plug-in are not counted\n"), 1;
  if (!plugin->activate(plugin, 44100.0, 1, 1024)) return 1;
  const auto* parameters =
      static_cast<const Parameters*>(plugin->get_extension(plugin, "clap.params"));
  const InputEvents list = {
      nullptr,
      [](const InputEvents*) { return static_cast<std::uint32_t>(events.size()) + kNotes; },
      [](const InputEvents*, std::uint32_t index) -> const Event* {
        return index < kNotes ? &notes[index].head : &events[index - kNotes].head;
      }};
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
    // an effect leaves notes alone
    for (std::uint32_t k = 0; k < kNotes; ++k) {
      notes[k] = {{sizeof(NoteEvent), 10 * k, 0, block % 2 ? kNoteOff : kNoteOn, 0}, -1, 0, 0,
                  static_cast<std::int16_t>(30 + k + block / 2), 0.8};
    }
    const long before = calls;
    if (block == 10) plugin->reset(plugin);
    if (plugin->process(plugin, &call) != kContinue) return 1;
    if (count > 2 && arguments[2][0] == 'a') std::free(std::malloc(1));
    if (count > 2 && arguments[2][0] == 'l') {
      pthread_mutex_lock(&mutex);
      pthread_mutex_unlock(&mutex);
    }
    if (count > 2 && arguments[2][0] == 'o') std::fclose(fopen("/dev/null", "r"));
    counted += calls - before;
  }
  std::printf("%ld\n", counted);
}
