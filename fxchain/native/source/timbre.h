// What all notes of an instrument share: its sources and the controls of its voices.
#pragma once

#include <vector>

#include "sources.h"

namespace fxchain {

// A source of the sum: noise where its kind has no coefficients.
struct SoundSource {
  const SourceKind* kind;
  int octave;                 // -1, 0 or 1
  double weight;              // its level and that of the voice
  std::vector<double> values;  // of its own controls
  std::vector<double> cycle;   // of a measured wave
};

struct Timbre {
  std::vector<SoundSource> sources;
  VoiceControls controls{std::vector<double>(voice_knobs().size(), 1.0).data()};
  int version = 0;     // grows where a source has changed
  double bend = 1.0;   // factor of all frequencies
  bool has_tone = false, has_noise = false;

  double noise_weight() const {
    double sum = 0.0;
    for (const SoundSource& each : sources)
      if (!each.kind->coefficients) sum += each.weight;
    return sum;
  }
};

}  // namespace fxchain
