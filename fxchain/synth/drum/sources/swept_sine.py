"""A sine whose frequency falls."""

import math
from typing import Any

from fxchain.parameter import ParameterSpec
from fxchain.synth.drum.sources.base import DrumSource


def swept_sine(
    xp: Any,
    hit: Any,
    start_frequency_hz: Any,
    end_frequency_hz: Any,
    sweep_ms: Any,
    decay_ms: Any,
    phase_drive: Any,
) -> Any:
    """Return sin(φ + d sin φ) · exp(−t/decay) of a phase φ whose frequency falls exponentially.

    The frequency is end + (start − end) · exp(−t/sweep); its integral has a closed form.

    Args:
        xp: numpy or torch
        hit: see `Sound`
        start_frequency_hz: at the hit
        end_frequency_hz: towards which it falls
        sweep_ms: time constant of the fall
        decay_ms: time constant of the level
        phase_drive: d, rad; adds harmonics

    Source:
        phase distortion as in Chowning 1973 with the carrier as modulator
    """
    sweep = 1e-3 * sweep_ms
    moved = (start_frequency_hz - end_frequency_hz) * sweep * (1.0 - xp.exp(-hit.times / sweep))
    phase = 2.0 * math.pi * (end_frequency_hz * hit.times + moved)
    return xp.sin(phase + phase_drive * xp.sin(phase)) * xp.exp(-hit.times / (1e-3 * decay_ms))


# the phase moves on, so that turned knobs make no jump; with steady knobs it is that of the formula
_REALTIME = """
  double phase_ = 0.0, swept_ = 1.0, level_ = 1.0;

  void start(std::uint64_t) override {
    phase_ = 0.0;
    swept_ = level_ = 1.0;
  }

  void play(const double* values, double weight, double* sum, int count, DrumWork& work) override {
    const SweptSineKnobs knobs(values);
    const double seconds = 1.0 / work.rate, sweep = 1e-3 * knobs.sweep_ms;
    const double fall = exp(-seconds / sweep), decay = exp(-1e3 * seconds / knobs.decay_ms);
    const double moved = (knobs.start_frequency_hz - knobs.end_frequency_hz) * sweep * (1.0 - fall);
    for (int t = 0; t < count; ++t) {
      const double turn = 2.0 * kPi * phase_;
      sum[t] += weight * level_ * sin(turn + knobs.phase_drive * sin(turn));
      phase_ += knobs.end_frequency_hz * seconds + swept_ * moved;
      phase_ -= std::floor(phase_);
      swept_ *= fall;
      level_ *= decay;
    }
  }
"""

SOURCE = DrumSource(
    "swept_sine",
    "Swept sine",
    swept_sine,
    (
        ParameterSpec("start_frequency_hz", "Hz", 40.0, 4_000.0, 200.0, "log"),
        ParameterSpec("end_frequency_hz", "Hz", 20.0, 2_000.0, 60.0, "log"),
        ParameterSpec("sweep_ms", "ms", 1.0, 300.0, 30.0, "log"),
        ParameterSpec("decay_ms", "ms", 5.0, 2_000.0, 200.0, "log"),
        ParameterSpec("phase_drive", "rad", 0.0, 2.0, 0.0),
    ),
    realtime=_REALTIME,
)
