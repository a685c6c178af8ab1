"""Tremolo: a level that moves to and fro."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.player.moving_delay import oscillator_turns
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import movement
from fxchain.primitives.moving_pair import MovingPair, MovingStart
from fxchain.primitives.oscillator_controls import PHASE, RATE

if TYPE_CHECKING:
    from torch import Tensor


#: Starts at the most.
MOST_STARTS = 3


def process(
    audio: Tensor, playback: Playback, rate_hz: Tensor, phase_degrees: Tensor, depth: Tensor
) -> Tensor:
    """Multiply by 1 − depth·(½ + ½·sin(2π·rate·t + phase)), t from the recording's start.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        rate_hz: (batch,), of the change
        phase_degrees: (batch,), at the first sample of the recording
        depth: (batch,), 1 goes down to silence

    Returns:
        (batch, channels, time)

    Source:
        amplitude modulation by a sine.
    """
    import torch

    time = torch.arange(audio.shape[-1], dtype=torch.float64) + playback.first_sample
    turns = rate_hz.double()[:, None] * time / playback.sample_rate
    swing = torch.sin(2.0 * math.pi * (turns + phase_degrees.double()[:, None] / 360.0))
    factor = 1.0 - depth.double()[:, None] * (0.5 + 0.5 * swing)
    return audio * factor.to(audio.dtype)[:, None]


def render(
    audio: np.ndarray, playback: Playback, rate_hz: float, phase_degrees: float, depth: float
) -> np.ndarray:
    """Return audio · (1 − depth·(½ + ½·sin(2π·rate·t + phase))) in numpy."""
    turns = oscillator_turns(playback, audio.shape[-1], rate_hz, phase_degrees)
    factor = 1.0 - depth * (0.5 + 0.5 * np.sin(2.0 * np.pi * turns))
    return audio * factor.astype(np.float32)


def moving_starts(pair: MovingPair) -> Sequence[MovingStart]:
    """Return depth and phase by least squares on the dry times 1, sine and cosine."""
    found = []
    time = (np.arange(len(pair.dry)) + pair.first_sample) / pair.sample_rate
    for rate_hz in pair.rates_hz:
        angle = 2.0 * np.pi * rate_hz * time
        left, (level, sine, cosine) = pair.left(
            pair.dry, pair.dry * np.sin(angle), pair.dry * np.cos(angle)
        )
        # level·(1 − depth/2 − depth/2·sin(angle + phase))
        swing = float(np.hypot(sine, cosine))
        sign = -1.0 if level >= 0.0 else 1.0
        phase = math.degrees(math.atan2(sign * cosine, sign * sine)) % 360.0
        depth = 2.0 * swing / (abs(float(level)) + swing + 1e-12)
        values = {"rate_hz": rate_hz, "phase_degrees": phase, "depth": min(depth, 1.0)}
        found.append((left, values))
    nearest = sorted(found, key=lambda each: each[0])[:MOST_STARTS]
    return [MovingStart(values) for _, values in nearest]


REALTIME = """
class Tremolo : public Effect<TremoloKnobs> {
  Cycles cycles;
  double amount = 0.0;

  void begin(const TremoloKnobs& knobs) override {
    cycles.begin(rate, knobs.rate_hz, knobs.phase_degrees);
  }

  void set(const TremoloKnobs& knobs) override {
    cycles.set(knobs.rate_hz, knobs.phase_degrees);
    amount = knobs.depth;
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      const double swing = sin(2.0 * kPi * cycles.next());
      const float factor = static_cast<float>(1.0 - amount * (0.5 + 0.5 * swing));
      for (int c = 0; c < channels; ++c) audio[c][t] *= factor;
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="tremolo",
    summary="Moves the level to and fro.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        replace(RATE, default=4.0),
        PHASE,
        ParameterSpec("depth", "", 0.0, 1.0, 0.5),
    ),
    gradient="full",
    process=process,
    render=render,
    affine=frozenset({"depth"}),
    phase="phase_degrees",
    gain_shifts={},
    polarity_flips=frozenset(),
    neutral={"depth": 0.0},
    probe={"rate_hz": 5.0, "phase_degrees": 60.0, "depth": 0.7},
    evidence=movement,
    moving_starts=moving_starts,
    realtime=REALTIME,
)
