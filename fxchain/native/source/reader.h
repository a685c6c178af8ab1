// A preset as bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bytes.h"
#include "drum_kit.h"
#include "instrument.h"
#include "macros.h"
#include "registry.h"
#include "routing.h"
#include "structure.h"

namespace fxchain {

// Reads a preset; refuses where the bytes are no preset of this player.
class Reader : private Bytes {
 public:
  using Bytes::Bytes;

  // A value of the chain: of an effect, or a weight, which has no knob.
  struct Control {
    AnyEffect* owner;
    std::size_t index;
    const Knob* knob;
    std::string path;
  };

  // All values in the order of the preset, of what `stage` and `instrument` return.
  std::vector<Control> controls;

  std::unique_ptr<Stage> stage() {
    switch (number()) {
      case 0:
        return effect();
      case 1:
        return std::make_unique<Series>(stages(number()));
      case 2:
        return sum();
      case 3:
        return std::make_unique<PerChannel>(stages(number()));
      default:
        refuse("the preset has a stage that this player does not know");
    }
  }

  void header() {
    if (text() != "fxchain-player-4") refuse("this is no preset for the player");
  }

  Routing routing() {
    Routing made;
    if (number() == 0) return made;
    made.given = true;
    made.preset_rate = real();
    made.inputs = matrix();
    made.outputs = matrix();
    for (std::uint32_t n = number(); n > 0; --n) made.delays.push_back(static_cast<int>(number()));
    for (std::uint32_t n = number(); n > 0; --n)
      made.constants.push_back(static_cast<float>(real()));
    return made;
  }

  // What plays the notes that go into the stages, or nothing.
  std::unique_ptr<NotePlayer> instrument() {
    switch (number()) {
      case 0:
        return nullptr;
      case 1:
        return voices();
      case 2:
        return drums();
      default:
        refuse("the preset has an instrument that this player does not know");
    }
  }

  // The macros stand at the end, where there are any.
  std::vector<Macro> macros() {
    std::vector<Macro> made(rest_size() ? number() : 0);
    for (Macro& each : made) {
      each.knob = {text(), text(), real(), real(), real(), false, false};
      each.value = each.knob.initial;
    }
    return made;
  }

  std::vector<MovedValue> followers(std::size_t macro_count) {
    std::vector<MovedValue> made(rest_size() ? number() : 0);
    for (MovedValue& each : made) {
      each.place = number();
      if (each.place >= controls.size()) refuse("a macro moves a value that there is not");
      each.value = real();
      each.low = real();
      each.high = real();
      each.log_scale = number() != 0;
      each.moves.resize(number());
      for (Move& move : each.moves) read(move, macro_count);
    }
    return made;
  }

 private:
  std::unique_ptr<Instrument> voices() {
    auto made = std::make_unique<Instrument>();
    const std::uint32_t count = number();
    for (std::uint32_t n = 0; n < count; ++n) {
      const SourceKind& kind = named(source_kinds());
      const int octave = static_cast<int>(number()) - 1;
      if (octave > 1) refuse("a source has an octave that there is not");
      const std::string path = text();
      made->add_source(kind, octave);
      add(*made, weight_knob(), path);
      for (const Knob& knob : kind.knobs) add(*made, knob, path);
      if (!kind.measured) continue;
      const std::uint32_t parts = number();
      for (std::uint32_t k = 0; k < parts; ++k) made->cycle().push_back(real());
    }
    add(*made, level_knob(), "voice");
    for (const Knob& knob : voice_knobs()) add(*made, knob, "voice");
    return made;
  }

  std::unique_ptr<DrumKit> drums() {
    auto made = std::make_unique<DrumKit>();
    for (std::uint32_t drums = number(); drums > 0; --drums) {
      made->add_drum(static_cast<int>(number()) - 1);
      const std::string drum = text();
      for (std::uint32_t parts = number(); parts > 0; --parts) {
        const DrumKind& kind = named(drum_kinds());
        const std::string path = text();
        made->add_part(kind);
        add(*made, weight_knob(), path);
        for (const Knob& knob : kind.knobs) add(*made, knob, path);
      }
      add(*made, level_knob(), drum);
    }
    return made;
  }

  // The kind of source whose name comes next.
  template <typename Kind>
  const Kind& named(const std::vector<Kind>& kinds) {
    const std::string name = text();
    for (const Kind& each : kinds)
      if (each.name == name) return each;
    refuse(std::string("the player does not know the source ").append(name));
  }

  void add(NotePlayer& to, const Knob& knob, const std::string& path) {
    controls.push_back({&to, to.values.size(), &knob, path});
    to.add(real(), 0.0);
  }

  void read(Move& move, std::size_t macro_count) {
    move.macro = number();
    if (move.macro >= macro_count) refuse("a value follows a macro that there is not");
    move.bent = number() != 0;
    move.ratios = number() != 0;
    move.before = real();
    move.start = real();
    move.points.resize(number());
    for (Move::Point& each : move.points) each = {real(), real(), real(), real()};
    if (move.points.size() < 2) refuse("a macro has no curve");
  }

  Routing::Matrix matrix() {
    Routing::Matrix made(number());
    const std::uint32_t columns = number();
    for (auto& row : made)
      for (std::uint32_t n = 0; n < columns; ++n) row.push_back(real());
    return made;
  }

  Stages stages(std::uint32_t count) {
    Stages made;
    for (std::uint32_t n = 0; n < count; ++n) made.push_back(stage());
    return made;
  }

  std::unique_ptr<Stage> sum() {
    auto made = std::make_unique<Sum>();
    const std::uint32_t count = number();
    for (std::uint32_t b = 0; b < count; ++b) {
      const double level_db = real();
      const bool negative = number() != 0;
      controls.push_back({made.get(), b, nullptr, ""});
      made->add_branch(level_db, negative, stage());
    }
    return made;
  }

  std::unique_ptr<Stage> effect() {
    const std::string name = text();
    const Kind* kind = nullptr;
    for (const Kind& each : kinds())
      if (each.name == name) kind = &each;
    if (!kind) refuse(std::string("the player does not know the effect ").append(name));
    std::unique_ptr<AnyEffect> made = kind->make();
    const std::string path = text();
    for (const Knob& knob : kind->knobs) {
      controls.push_back({made.get(), made->values.size(), &knob, path});
      made->add(real(), knob.unit == "Hz" ? kHighestFrequency : 0.0);
    }
    for (std::uint32_t n = number(); n > 0; --n) {
      Asset& read = made->assets[text()];
      read.rate = real();
      read.channels.resize(number());
      const std::uint32_t count = number();
      for (auto& channel : read.channels)
        for (std::uint32_t t = 0; t < count; ++t) channel.push_back(take<float>());
    }
    return made;
  }

  // Frequencies are held below this share of the sample rate.
  static constexpr double kHighestFrequency = 0.45;
};

}  // namespace fxchain
