// What a host of CLAP looks up in the binary: the entry with one effect or instrument.
//
// Values of parameters are positions in [0, 1], of switches and choices whole numbers; their texts
// are physical.
#include <cstdio>
#include <cstring>

#include "changes.h"
#include "clap_abi.h"
#include "exported.h"
#include "plugin.h"

namespace fxchain::clap {

namespace {

using fxchain::Knob;

struct Instance {
  explicit Instance(const Description& description) : plugin(description) {}
  clap::Plugin face;
  fxchain::Plugin plugin;
  Changes changes;
};

Instance& of(const clap::Plugin* face) { return *static_cast<Instance*>(face->data); }

bool known(const clap::Plugin* face, std::uint32_t id) {
  return id < static_cast<std::uint32_t>(of(face).plugin.parameter_count());
}

double shown(const Knob& knob, double value) {
  return knob.whole_numbers ? value : knob.position(value);
}

double physical(const fxchain::Plugin& plugin, int parameter, double given) {
  return plugin.knob(parameter).whole_numbers ? given : plugin.value_at(parameter, given);
}

void set(fxchain::Plugin& plugin, const Change& change) {
  if (change.what != Change::kValue) return plugin.note(change);
  plugin.set_value(change.parameter, physical(plugin, change.parameter, change.given));
}

void read(Instance& it, const Event& event) {
  const int at = static_cast<int>(event.time);
  if (event.type == kParameterValue) {
    const auto& change = reinterpret_cast<const ParameterEvent&>(event);
    if (change.parameter < static_cast<std::uint32_t>(it.plugin.parameter_count()))
      it.changes.add({at, static_cast<int>(change.parameter), change.value});
  } else if (!it.plugin.is_instrument()) {
    return;
  } else if (event.type == kMidi) {
    it.changes.add(midi_change(at, reinterpret_cast<const MidiEvent&>(event).bytes));
  } else if (event.type == kNoteOn || event.type == kNoteOff || event.type == kNoteChoke) {
    const auto& note = reinterpret_cast<const NoteEvent&>(event);
    const auto what = event.type == kNoteOn ? Change::kPress : Change::kRelease;
    static const unsigned char released[3] = {0xB0, 123, 0}, silenced[3] = {0xB0, 120, 0};
    if (note.key >= 0 && note.key < 128)
      it.changes.add({at, note.key, note.velocity, what});
    else if (event.type != kNoteOn)  // every key
      it.changes.add(midi_change(at, event.type == kNoteChoke ? silenced : released));
  }
}

void read(Instance& it, const InputEvents* events) {
  it.changes.clear();
  const std::uint32_t count = events ? events->size(events) : 0;
  for (std::uint32_t k = 0; k < count; ++k) {
    const Event* event = events->get(events, k);
    if (event && event->space == 0) read(it, *event);
  }
}

void apply_all(Instance& it) {
  it.changes.run(
      0, [&](const Change& change) { set(it.plugin, change); }, [](int, int) {});
}

std::int32_t process(const clap::Plugin* face, const Process* call) {
  Instance& it = of(face);
  fxchain::Plugin& plugin = it.plugin;
  read(it, call->events);
  const auto wired = [](const AudioBuffer* buffers, std::uint32_t count, int channels) {
    return channels == 0 || (count > 0 && buffers[0].data32 &&
                             buffers[0].channels >= static_cast<std::uint32_t>(channels));
  };
  if (!wired(call->inputs, call->inputs_count, plugin.inputs()) ||
      !wired(call->outputs, call->outputs_count, plugin.outputs())) {
    apply_all(it);
    return kError;
  }
  it.changes.run(
      static_cast<int>(call->count), [&](const Change& change) { set(plugin, change); },
      [&](int begin, int count) {
        const float* from[2];
        float* to[8];
        for (int c = 0; c < plugin.inputs(); ++c) from[c] = call->inputs[0].data32[c] + begin;
        for (int c = 0; c < plugin.outputs(); ++c) to[c] = call->outputs[0].data32[c] + begin;
        plugin.process(from, to, count);
      });
  return kContinue;
}

const Parameters kParameters = {
    [](const clap::Plugin* face) {
      return static_cast<std::uint32_t>(of(face).plugin.parameter_count());
    },
    [](const clap::Plugin* face, std::uint32_t index, ParameterInfo* info) {
      if (!known(face, index)) return false;
      const fxchain::Plugin& plugin = of(face).plugin;
      const Knob& knob = plugin.knob(index);
      const Description::Control& control = plugin.control(index);
      *info = {};
      info->id = index;
      info->flags = kAutomatable | (knob.whole_numbers ? kStepped : 0) | (index ? 0 : kBypass);
      std::snprintf(info->name, sizeof info->name, "%s", control.name.c_str());
      std::snprintf(info->module, sizeof info->module, "%s", control.group.c_str());
      info->low = shown(knob, knob.low);
      info->high = shown(knob, knob.high);
      info->initial = shown(knob, plugin.initial(index));
      return true;
    },
    [](const clap::Plugin* face, std::uint32_t id, double* value) {
      if (!known(face, id)) return false;
      *value = shown(of(face).plugin.knob(id), of(face).plugin.value(id));
      return true;
    },
    [](const clap::Plugin* face, std::uint32_t id, double value, char* text, std::uint32_t room) {
      if (!known(face, id)) return false;
      const fxchain::Plugin& plugin = of(face).plugin;
      std::snprintf(text, room, "%s", plugin.text(id, physical(plugin, id, value)).c_str());
      return true;
    },
    [](const clap::Plugin* face, std::uint32_t id, const char* text, double* value) {
      double read = 0.0;
      if (!known(face, id) || !of(face).plugin.value_of(id, text, &read)) return false;
      const Knob& knob = of(face).plugin.knob(id);
      *value = shown(knob, std::min(std::max(read, knob.low), knob.high));
      return true;
    },
    [](const clap::Plugin* face, const InputEvents* in, const void*) {
      read(of(face), in);
      apply_all(of(face));
    },
};

const State kState = {
    [](const clap::Plugin* face, const OutputStream* stream) {
      const std::vector<unsigned char> data = of(face).plugin.state();
      for (std::size_t at = 0; at < data.size();) {
        const std::int64_t done = stream->write(stream, data.data() + at, data.size() - at);
        if (done <= 0) return false;
        at += static_cast<std::size_t>(done);
      }
      return true;
    },
    [](const clap::Plugin* face, const InputStream* stream) {
      std::vector<unsigned char> data(of(face).plugin.state().size());
      std::size_t got = 0;
      while (got < data.size()) {
        const std::int64_t done = stream->read(stream, data.data() + got, data.size() - got);
        if (done <= 0) break;
        got += static_cast<std::size_t>(done);
      }
      return of(face).plugin.set_state(data.data(), got);
    },
};

const AudioPorts kPorts = {
    [](const clap::Plugin* face, bool input) -> std::uint32_t {
      return input && of(face).plugin.is_instrument() ? 0 : 1;
    },
    [](const clap::Plugin* face, std::uint32_t index, bool input, PortInfo* info) {
      if (index != 0 || (input && of(face).plugin.is_instrument())) return false;
      const fxchain::Plugin& plugin = of(face).plugin;
      *info = {};
      info->id = input ? 0 : 1;
      std::snprintf(info->name, sizeof info->name, "%s", input ? "Input" : "Output");
      info->flags = kMainPort;
      info->channels = input ? plugin.inputs() : plugin.outputs();
      info->type = info->channels == 1 ? "mono" : "stereo";
      info->in_place_pair = plugin.inputs() == plugin.outputs() ? (input ? 1 : 0) : kNoPair;
      return true;
    },
};

const NotePorts kNotePorts = {
    [](const clap::Plugin*, bool input) -> std::uint32_t { return input; },
    [](const clap::Plugin*, std::uint32_t index, bool input, NotePortInfo* info) {
      if (index != 0 || !input) return false;
      *info = {};
      info->dialects = kClapNotes | kMidiNotes;
      info->preferred = kClapNotes;
      std::snprintf(info->name, sizeof info->name, "Notes");
      return true;
    },
};

const Latency kLatency = {[](const clap::Plugin*) -> std::uint32_t { return 0; }};

const void* extension(const clap::Plugin* face, const char* id) {
  if (!std::strcmp(id, "clap.params")) return &kParameters;
  if (!std::strcmp(id, "clap.state")) return &kState;
  if (!std::strcmp(id, "clap.audio-ports")) return &kPorts;
  if (!std::strcmp(id, "clap.latency")) return &kLatency;
  if (!std::strcmp(id, "clap.note-ports") && of(face).plugin.is_instrument()) return &kNotePorts;
  return nullptr;
}

const Descriptor* descriptor() {
  static const char* const effect[] = {"audio-effect", "multi-effects", nullptr};
  static const char* const instrument[] = {"instrument", "synthesizer", nullptr};
  static std::string id;
  static Descriptor made;
  const Description* own = own_description();
  if (!own) return nullptr;
  id = std::string("fxchain.").append(own->id);
  made = {kVersion, id.c_str(), own->name.c_str(), "fxchain", "", "", "", "1.0.0",
          "", own->channels ? effect : instrument};
  return &made;
}

const clap::Plugin* create(const Factory*, const void*, const char* id) {
  const Descriptor* own = descriptor();
  if (!own || std::strcmp(id, own->id) != 0) return nullptr;
  Instance* made = new Instance(*own_description());
  made->face = {
      own,
      made,
      [](const clap::Plugin*) { return true; },
      [](const clap::Plugin* face) { delete &of(face); },
      [](const clap::Plugin* face, double rate, std::uint32_t, std::uint32_t) {
        return of(face).plugin.activate(rate);
      },
      [](const clap::Plugin*) {},
      [](const clap::Plugin*) { return true; },
      [](const clap::Plugin*) {},
      [](const clap::Plugin* face) { of(face).plugin.restart(); },
      process,
      extension,
      [](const clap::Plugin*) {},
  };
  return &made->face;
}

const Factory kFactory = {
    [](const Factory*) -> std::uint32_t { return descriptor() ? 1 : 0; },
    [](const Factory*, std::uint32_t index) { return index == 0 ? descriptor() : nullptr; },
    create,
};

}  // namespace

}  // namespace fxchain::clap

FXCHAIN_EXPORTED const fxchain::clap::Entry clap_entry = {
    fxchain::clap::kVersion,
    [](const char*) { return fxchain::own_description() != nullptr; },
    [] {},
    [](const char* id) -> const void* {
      return std::strcmp(id, "clap.plugin-factory") ? nullptr : &fxchain::clap::kFactory;
    },
};
