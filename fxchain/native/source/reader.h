// A preset as bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bytes.h"
#include "registry.h"
#include "routing.h"
#include "structure.h"

namespace fxchain {

// Reads a preset; refuses where the bytes are no preset of this player.
class Reader : private Bytes {
 public:
  using Bytes::Bytes;

  // The effects in signal order, owned by what `stage` returns, with their names in the preset.
  std::vector<AnyEffect*> effects;
  std::vector<const Kind*> effect_kinds;
  std::vector<std::string> paths;

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
    if (text() != "fxchain-player-1") refuse("this is no preset for the player");
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

 private:
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
    Stages branches;
    std::vector<Sum::Weight> weights;
    for (std::uint32_t n = number(); n > 0; --n) {
      const double level_db = real();
      weights.push_back({level_db, number() != 0});
      branches.push_back(stage());
    }
    return std::make_unique<Sum>(std::move(branches), std::move(weights));
  }

  std::unique_ptr<Stage> effect() {
    const std::string name = text();
    const Kind* kind = nullptr;
    for (const Kind& each : kinds())
      if (each.name == name) kind = &each;
    if (!kind) refuse(std::string("the player does not know the effect ").append(name));
    std::unique_ptr<AnyEffect> made = kind->make();
    paths.push_back(text());
    for (const Knob& knob : kind->knobs)
      made->add(real(), knob.unit == "Hz" ? kHighestFrequency : 0.0);
    for (std::uint32_t n = number(); n > 0; --n) {
      std::vector<Asset>& forms = made->assets[text()];
      forms.resize(number());
      for (Asset& form : forms) {
        form.rate = real();
        form.channels.resize(number());
        const std::uint32_t count = number();
        for (auto& channel : form.channels)
          for (std::uint32_t t = 0; t < count; ++t) channel.push_back(take<float>());
      }
    }
    effects.push_back(made.get());
    effect_kinds.push_back(kind);
    return made;
  }

  // Frequencies are held below this share of the sample rate.
  static constexpr double kHighestFrequency = 0.45;
};

}  // namespace fxchain
