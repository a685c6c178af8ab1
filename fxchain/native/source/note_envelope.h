// The envelope of a note: attack, decay, sustain, release, step by step.
#pragma once

#include "math.h"

namespace fxchain {

// What a step of so many seconds changes.
struct EnvelopeSteps {
  double rise, per_decay, fall, release, sustain;

  EnvelopeSteps(double seconds, double attack_ms, double decay_ms, double sustain_level,
                double release_ms)
      : rise(1e3 * seconds / attack_ms),
        per_decay(1e3 * seconds / decay_ms),
        fall(exp(-per_decay)),
        release(exp(-1e3 * seconds / release_ms)),
        sustain(sustain_level) {}
};

// It rises linearly to 1, falls to the sustain level and, from its release on, to 0. Its state
// moves on, so that turned knobs make no jump; with steady knobs it is that of the formula
// in closed form.
class NoteEnvelope {
 public:
  void begin() { *this = NoteEnvelope(); }
  void release() { released_ = true; }

  double value(const EnvelopeSteps& steps) const {
    return risen_ * (steps.sustain + (1.0 - steps.sustain) * fallen_) * left_;
  }

  void step(const EnvelopeSteps& steps) {
    if (released_) {
      left_ *= steps.release;
    } else if (risen_ < 1.0) {
      risen_ += steps.rise;
      if (risen_ < 1.0) return;
      // the rest of the step belongs to the decay
      fallen_ = exp(-(risen_ - 1.0) / steps.rise * steps.per_decay);
      risen_ = 1.0;
    } else {
      fallen_ *= steps.fall;
    }
  }

 private:
  double risen_ = 0.0, fallen_ = 1.0, left_ = 1.0;
  bool released_ = false;
};

}  // namespace fxchain
