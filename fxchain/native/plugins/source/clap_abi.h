// The binary interface of CLAP 1, as far as an effect or an instrument without a window needs it.
#pragma once

#include <cstdint>

namespace fxchain::clap {

struct Version {
  std::uint32_t major, minor, revision;
};
constexpr Version kVersion = {1, 1, 1};

struct Descriptor {
  Version version;
  const char *id, *name, *vendor, *url, *manual_url, *support_url, *plugin_version, *description;
  const char* const* features;
};

struct Event {
  std::uint32_t size, time;
  std::uint16_t space, type;
  std::uint32_t flags;
};
constexpr std::uint16_t kNoteOn = 0, kNoteOff = 1, kNoteChoke = 2, kParameterValue = 5, kMidi = 10;

struct ParameterEvent {
  Event head;
  std::uint32_t parameter;
  void* cookie;
  std::int32_t note;
  std::int16_t port, channel, key;
  double value;
};

struct NoteEvent {
  Event head;
  std::int32_t note;
  std::int16_t port, channel, key;
  double velocity;
};

struct MidiEvent {
  Event head;
  std::uint16_t port;
  std::uint8_t bytes[3];
};

struct InputEvents {
  void* context;
  std::uint32_t (*size)(const InputEvents* list);
  const Event* (*get)(const InputEvents* list, std::uint32_t index);
};

struct AudioBuffer {
  float** data32;
  double** data64;
  std::uint32_t channels, latency;
  std::uint64_t constant;
};

struct Process {
  std::int64_t steady_time;
  std::uint32_t count;
  const void* transport;
  const AudioBuffer* inputs;
  AudioBuffer* outputs;
  std::uint32_t inputs_count, outputs_count;
  const InputEvents* events;
  const void* events_out;
};
constexpr std::int32_t kError = 0, kContinue = 1;

struct Plugin {
  const Descriptor* descriptor;
  void* data;
  bool (*init)(const Plugin*);
  void (*destroy)(const Plugin*);
  bool (*activate)(const Plugin*, double rate, std::uint32_t least, std::uint32_t most);
  void (*deactivate)(const Plugin*);
  bool (*start_processing)(const Plugin*);
  void (*stop_processing)(const Plugin*);
  void (*reset)(const Plugin*);
  std::int32_t (*process)(const Plugin*, const Process*);
  const void* (*get_extension)(const Plugin*, const char* id);
  void (*on_main_thread)(const Plugin*);
};

constexpr std::uint32_t kStepped = 1, kBypass = 16, kAutomatable = 32;

struct ParameterInfo {
  std::uint32_t id, flags;
  void* cookie;
  char name[256], module[1024];
  double low, high, initial;
};

struct Parameters {
  std::uint32_t (*count)(const Plugin*);
  bool (*get_info)(const Plugin*, std::uint32_t index, ParameterInfo* info);
  bool (*get_value)(const Plugin*, std::uint32_t id, double* value);
  bool (*value_to_text)(const Plugin*, std::uint32_t id, double value, char* text,
                        std::uint32_t room);
  bool (*text_to_value)(const Plugin*, std::uint32_t id, const char* text, double* value);
  void (*flush)(const Plugin*, const InputEvents* in, const void* out);
};

struct OutputStream {
  void* context;
  std::int64_t (*write)(const OutputStream*, const void* bytes, std::uint64_t size);
};
struct InputStream {
  void* context;
  std::int64_t (*read)(const InputStream*, void* bytes, std::uint64_t size);
};
struct State {
  bool (*save)(const Plugin*, const OutputStream* stream);
  bool (*load)(const Plugin*, const InputStream* stream);
};

constexpr std::uint32_t kMainPort = 1, kNoPair = 0xFFFFFFFF;

struct PortInfo {
  std::uint32_t id;
  char name[256];
  std::uint32_t flags, channels;
  const char* type;
  std::uint32_t in_place_pair;
};
struct AudioPorts {
  std::uint32_t (*count)(const Plugin*, bool input);
  bool (*get)(const Plugin*, std::uint32_t index, bool input, PortInfo* info);
};

constexpr std::uint32_t kClapNotes = 1, kMidiNotes = 2;

struct NotePortInfo {
  std::uint32_t id, dialects, preferred;
  char name[256];
};
struct NotePorts {
  std::uint32_t (*count)(const Plugin*, bool input);
  bool (*get)(const Plugin*, std::uint32_t index, bool input, NotePortInfo* info);
};

struct Latency {
  std::uint32_t (*get)(const Plugin*);
};

struct Factory {
  std::uint32_t (*count)(const Factory*);
  const Descriptor* (*descriptor)(const Factory*, std::uint32_t index);
  const Plugin* (*create)(const Factory*, const void* host, const char* id);
};

struct Entry {
  Version version;
  bool (*init)(const char* path);
  void (*deinit)();
  const void* (*get_factory)(const char* id);
};

}  // namespace fxchain::clap
