"""Vibrato: a pitch that moves to and fro, by a delay that an oscillator moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.player.moving_delay import delayed, oscillator_turns
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import movement
from fxchain.primitives.moving_pair import MovingPair, MovingStart
from fxchain.primitives.oscillator_controls import PHASE, RATE

if TYPE_CHECKING:
    from torch import Tensor

#: The delay moves by so much to both sides at the most, ms.
MOST_MS = 10.0


def process(
    audio: Tensor, playback: Playback, rate_hz: Tensor, phase_degrees: Tensor, depth_ms: Tensor
) -> Tensor:
    """Delay by depth·(1 + sin(2π·rate·t + phase)) ms, t from the recording's start.

    The pitch moves by its derivative, to both sides by the share 2π·rate·depth/1000.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        rate_hz: (batch,), of the oscillator
        phase_degrees: (batch,), at the first sample of the recording
        depth_ms: (batch,), by which the delay moves to both sides

    Returns:
        (batch, channels, time)

    Source:
        J. Dattorro, "Effect Design, Part 2: Delay-Line Modulation and Chorus", 1997: vibrato is the
        delayed copy alone; linear interpolation between samples.
    """
    import torch

    from fxchain.dsp.modulated_delay import modulated_delay

    delays = _delays(playback, audio.shape[-1], rate_hz, phase_degrees, depth_ms)
    return modulated_delay(audio, delays, torch.zeros(len(delays), dtype=delays.dtype))


def jvp(
    audio: Tensor,
    tangents: Tensor,
    steps: Tensor,
    playback: Playback,
    **values: Tensor,
) -> Tensor:
    """Return the derivatives of the output along the audio, then along the values.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        steps: (own, 3), derivatives of the values, the audio constant
        playback: sample rate and position of the audio
        values: (1,) each, as in `process`

    Returns:
        (directions + own, channels, time)
    """
    import torch

    from fxchain.dsp.modulated_delay import modulated_delay_tangents

    def curve(*at: Tensor) -> Tensor:
        return _delays(playback, audio.shape[-1], *at)

    doubles = tuple(value.double() for value in values.values())
    moved = []
    for step in steps.double():
        slope: Tensor = torch.func.jvp(curve, doubles, tuple(step[:, None].unbind(0)))[1][0]
        moved.append((slope, 0.0))
    still = torch.zeros((), dtype=torch.float64)
    return modulated_delay_tangents(audio, tangents, curve(*doubles)[0], still, moved)[1]


def _delays(
    playback: Playback, samples: int, rate_hz: Tensor, phase_degrees: Tensor, depth_ms: Tensor
) -> Tensor:
    """Return the delays, (batch, samples), in samples."""
    import torch

    time = torch.arange(samples, dtype=torch.float64) + playback.first_sample
    turns = rate_hz.double()[:, None] * time / playback.sample_rate
    swing = torch.sin(2.0 * math.pi * (turns + phase_degrees.double()[:, None] / 360.0))
    return depth_ms.double()[:, None] * (playback.sample_rate / 1_000.0) * (1.0 + swing)


def render(
    audio: np.ndarray, playback: Playback, rate_hz: float, phase_degrees: float, depth_ms: float
) -> np.ndarray:
    """Return the audio at the delays of `process`, in numpy."""
    turns = oscillator_turns(playback, audio.shape[-1], rate_hz, phase_degrees)
    most = depth_ms * (playback.sample_rate / 1000.0)
    late = (most * (1.0 + np.sin(2.0 * np.pi * turns))).astype(np.float32)
    return delayed(audio, late, int(2.0 * most) + 1, playback, "line")


def moving_starts(pair: MovingPair) -> Sequence[MovingStart]:
    """Return the delays that move and stand out in the correlation of short blocks.

    The recording may have been aligned to any of the delays, so that the others are less than 0.
    """
    from fxchain.dsp.lag_paths import LEAST, lag_paths

    rate = pair.sample_rate
    first = round((LEAST + 2e-3 * MOST_MS) * rate)
    early, found = pair.aligned(-first), []
    for path in lag_paths(early.dry, early.wet, rate, early.first_sample, early.rates_hz):
        more = round(rate * (path.centre - path.swing))  # behind it the shortest delay is 0
        phase = path.phase - math.pi + 2.0 * math.pi * path.rate_hz * more / rate
        values = {
            "rate_hz": path.rate_hz,
            "phase_degrees": math.degrees(phase) % 360.0,
            "depth_ms": 1e3 * path.swing,
        }
        found.append(MovingStart(values, more - first))
    return found


REALTIME = """
class Vibrato : public Effect<VibratoKnobs> {
  Cycles cycles;
  DelayLines lines;
  double most = 0.0;

  void allocate() override {
    lines.allocate(channels, static_cast<std::size_t>(0.02 * rate) + 4);
  }

  void begin(const VibratoKnobs& knobs) override {
    lines.begin();
    cycles.begin(rate, knobs.rate_hz, knobs.phase_degrees);
  }

  void set(const VibratoKnobs& knobs) override {
    cycles.set(knobs.rate_hz, knobs.phase_degrees);
    most = knobs.depth_ms * (rate / 1000.0);
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      const float delay = static_cast<float>(most * (1.0 + sin(2.0 * kPi * cycles.next())));
      for (int c = 0; c < channels; ++c) {
        lines.write(c, audio[c][t]);
        audio[c][t] = lines.read(c, delay);
      }
      lines.step();
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="vibrato",
    summary="Moves the pitch to and fro.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        replace(RATE, default=5.0),
        PHASE,
        ParameterSpec("depth_ms", "ms", 0.0, MOST_MS, 0.5),
    ),
    gradient="full",
    process=process,
    jvp=jvp,
    render=render,
    phase="phase_degrees",
    gain_shifts={},
    polarity_flips=frozenset(),
    probe={"rate_hz": 5.1, "phase_degrees": 60.0, "depth_ms": 0.5},
    evidence=movement,
    moving_starts=moving_starts,
    realtime=REALTIME,
)
