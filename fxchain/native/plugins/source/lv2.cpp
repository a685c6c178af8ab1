// What a host of LV2 looks up in the binary: one effect or instrument.
//
// Its ports, as in the bundle's plugin.ttl: audio in, audio out, `enabled`, then the knobs in
// physical units, then the notes of an instrument.
#include <cstring>
#include <string>
#include <vector>

#include "exported.h"
#include "plugin.h"

namespace fxchain::lv2 {

namespace {

struct Feature {
  const char* uri;
  void* data;
};

// A host's numbers for names.
struct NameMap {
  void* context;
  std::uint32_t (*number_of)(void* context, const char* uri);
};

// Notes: events with times, one behind the other, each padded to a multiple of eight bytes.
struct Sequence {
  std::uint32_t size, type, unit, pad;
};
struct TimedEvent {
  std::int64_t frames;
  std::uint32_t size, type;
};

struct Descriptor {
  const char* uri;
  void* (*instantiate)(const Descriptor*, double rate, const char* path,
                       const Feature* const* features);
  void (*connect_port)(void* instance, std::uint32_t port, void* data);
  void (*activate)(void* instance);
  void (*run)(void* instance, std::uint32_t count);
  void (*deactivate)(void* instance);
  void (*cleanup)(void* instance);
  const void* (*extension_data)(const char* uri);
};

struct Instance {
  explicit Instance(const Description& description)
      : plugin(description),
        inputs(plugin.inputs()),
        outputs(plugin.outputs()),
        controls(plugin.parameter_count()),
        seen(plugin.parameter_count()) {
    for (int k = 0; k < plugin.parameter_count(); ++k)
      seen[k] = static_cast<float>(plugin.value(k));
  }

  Plugin plugin;
  std::vector<const float*> inputs;
  std::vector<float*> outputs;
  std::vector<const float*> controls;
  std::vector<float> seen;  // of each parameter, what its port held at last
  const Sequence* notes = nullptr;
  Changes changes;
  std::uint32_t midi = 0;  // the host's number for messages of MIDI
};

Instance& of(void* instance) { return *static_cast<Instance*>(instance); }

std::uint32_t midi_number(const Feature* const* features) {
  for (; features && *features; ++features)
    if (!std::strcmp((*features)->uri, "http://lv2plug.in/ns/ext/urid#map")) {
      const auto* map = static_cast<const NameMap*>((*features)->data);
      return map->number_of(map->context, "http://lv2plug.in/ns/ext/midi#MidiEvent");
    }
  return 0;
}

void* instantiate(const Descriptor*, double rate, const char*, const Feature* const* features) {
  Instance* made = new Instance(*own_description());
  made->midi = midi_number(features);
  const bool takes_notes = made->midi != 0 || !made->plugin.is_instrument();
  if (takes_notes && made->plugin.activate(rate)) return made;
  delete made;
  return nullptr;
}

void connect(void* instance, std::uint32_t port, void* data) {
  Instance& it = of(instance);
  std::size_t place = port;
  if (place < it.inputs.size()) {
    it.inputs[place] = static_cast<const float*>(data);
    return;
  }
  place -= it.inputs.size();
  if (place < it.outputs.size()) {
    it.outputs[place] = static_cast<float*>(data);
    return;
  }
  place -= it.outputs.size();
  if (place < it.controls.size())
    it.controls[place] = static_cast<const float*>(data);
  else
    it.notes = static_cast<const Sequence*>(data);
}

void play(Instance& it, int begin, int count) {
  const float* from[2];
  float* to[8];
  for (std::size_t c = 0; c < it.inputs.size(); ++c) from[c] = it.inputs[c] + begin;
  for (std::size_t c = 0; c < it.outputs.size(); ++c) to[c] = it.outputs[c] + begin;
  it.plugin.process(from, to, count);
}

void read_notes(Instance& it) {
  it.changes.clear();
  if (!it.plugin.is_instrument() || !it.notes) return;
  const auto* at = reinterpret_cast<const unsigned char*>(it.notes + 1);
  const auto* end = reinterpret_cast<const unsigned char*>(&it.notes->unit) + it.notes->size;
  while (at + sizeof(TimedEvent) <= end) {
    const auto& event = *reinterpret_cast<const TimedEvent*>(at);
    const unsigned char* bytes = at + sizeof(TimedEvent);
    if (event.type == it.midi && event.size == 3 && bytes + 3 <= end)
      it.changes.add(midi_change(static_cast<int>(event.frames), bytes));
    at = bytes + (event.size + 7) / 8 * 8;
  }
}

void run(void* instance, std::uint32_t count) {
  Instance& it = of(instance);
  for (int k = 0; k < it.plugin.parameter_count(); ++k) {
    if (!it.controls[k]) continue;
    const float given = k == 0 ? (*it.controls[k] > 0.0f ? 0.0f : 1.0f) : *it.controls[k];
    if (given == it.seen[k]) continue;
    it.seen[k] = given;
    // Single precision would move the value of the preset.
    const double initial = it.plugin.initial(k);
    it.plugin.set_value(k, static_cast<float>(initial) == given ? initial : given);
  }
  read_notes(it);
  it.changes.run(
      static_cast<int>(count), [&](const Change& change) { it.plugin.note(change); },
      [&](int begin, int size) { play(it, begin, size); });
}

}  // namespace

}  // namespace fxchain::lv2

FXCHAIN_EXPORTED const void* lv2_descriptor(std::uint32_t index) {
  using namespace fxchain::lv2;
  static std::string uri;
  static Descriptor made;
  const fxchain::Description* own = fxchain::own_description();
  if (!own || index != 0) return nullptr;
  uri = std::string("urn:fxchain:").append(own->id);
  made = {
      uri.c_str(),
      instantiate,
      connect,
      [](void* instance) { of(instance).plugin.restart(); },
      run,
      [](void*) {},
      [](void* instance) { delete &of(instance); },
      [](const char*) -> const void* { return nullptr; },
  };
  return &made;
}
