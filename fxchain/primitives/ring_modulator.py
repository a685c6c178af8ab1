"""Ring modulator: the signal multiplied by a sine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.player.moving_delay import oscillator_turns
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_linear

if TYPE_CHECKING:
    from torch import Tensor


def process(
    audio: Tensor,
    playback: Playback,
    carrier_frequency_hz: Tensor,
    phase_degrees: Tensor,
    mix: Tensor,
) -> Tensor:
    """Multiply by 1 − mix + mix · sin(2π·f·n/rate + phase), n counted from the recording's start.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        carrier_frequency_hz: (batch,), f, clamped to 0.45 of the sample rate
        phase_degrees: (batch,), phase of the carrier at the first sample of the recording
        mix: (batch,), 0 leaves the signal, 1 is the product alone

    Returns:
        (batch, channels, time)

    Source:
        the product of two sines has their sum and difference frequencies.
    """
    import torch

    time = torch.arange(audio.shape[-1], dtype=torch.float64) + playback.first_sample
    frequency = carrier_frequency_hz.double().clamp(max=HIGHEST_FREQUENCY * playback.sample_rate)
    cycles = frequency[:, None] * time / playback.sample_rate + phase_degrees[:, None] / 360.0
    amount = mix.double()[:, None]
    factor = 1.0 - amount + amount * torch.sin(2.0 * math.pi * cycles)
    return audio * factor.to(audio.dtype)[:, None]


def render(
    audio: np.ndarray,
    playback: Playback,
    carrier_frequency_hz: float,
    phase_degrees: float,
    mix: float,
) -> np.ndarray:
    """Return audio · (1 − mix + mix · sin(2π·f·n/rate + phase)) in numpy."""
    turns = oscillator_turns(playback, audio.shape[-1], carrier_frequency_hz, phase_degrees)
    factor = 1.0 - mix + mix * np.sin(2.0 * np.pi * turns)
    return audio * factor.astype(np.float32)


REALTIME = """
class RingModulator : public Effect<RingModulatorKnobs> {
  Cycles cycles;
  double amount = 0.0;

  void begin(const RingModulatorKnobs& knobs) override {
    cycles.begin(rate, knobs.carrier_frequency_hz, knobs.phase_degrees);
  }

  void set(const RingModulatorKnobs& knobs) override {
    cycles.set(knobs.carrier_frequency_hz, knobs.phase_degrees);
    amount = knobs.mix;
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      const double swing = sin(2.0 * kPi * cycles.next());
      const float factor = static_cast<float>(1.0 - amount + amount * swing);
      for (int c = 0; c < channels; ++c) audio[c][t] *= factor;
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="ring_modulator",
    summary="Multiplies the signal by a sine: metallic sum and difference tones.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        ParameterSpec("carrier_frequency_hz", "Hz", 1.0, 5_000.0, 200.0, "log"),
        ParameterSpec("phase_degrees", "°", 0.0, 360.0, 0.0),
        ParameterSpec("mix", "", 0.0, 1.0, 0.5),
    ),
    gradient="full",
    affine=frozenset({"mix"}),
    phase="phase_degrees",
    gain_shifts={},
    polarity_flips=frozenset(),
    process=process,
    render=render,
    neutral={"mix": 0.0},
    probe={"carrier_frequency_hz": 440.0, "phase_degrees": 60.0, "mix": 0.7},
    evidence=beyond_linear,
    realtime=REALTIME,
)
