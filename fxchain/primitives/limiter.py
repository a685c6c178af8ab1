"""Limiter: two compressors one behind the other, a gain that makes up for them, and a ceiling."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.dsp.levels import peak_decibels
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives import compressor
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import limiting

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor

#: The first compressor: threshold, dB, ratio, attack and release, ms.
FIRST = (-10.0, 4.0, 2.0, 200.0)
#: Ratio and attack of the second, ms; its threshold and release are the controls.
SECOND_RATIO, SECOND_ATTACK_MS = 1_000.0, 0.001
#: Gain behind both at a threshold of 0 dB.
MAKE_UP_DB = 3.75


def process(audio: Tensor, playback: Playback, threshold_db: Tensor, release_ms: Tensor) -> Tensor:
    """Limit.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        threshold_db: (batch,), of the second compressor; the gain behind it is as much higher
        release_ms: (batch,), time constant while the envelope of the second one falls, ms

    Returns:
        (batch, channels, time), within ±1

    Source:
        pedalboard's Limiter, measured: compressors of ratios 4 (threshold −10 dB, 2 and 200 ms)
        and 1000 (0.001 ms), a gain of 3.75 dB − threshold, a clamp to ±1.
    """
    first, second, gain = _settings(threshold_db, release_ms)
    pressed = compressor.process(audio, playback, *first)
    pressed = compressor.process(pressed, playback, *second)
    return (pressed * gain.to(audio.dtype)[:, None, None]).clamp(-1.0, 1.0)


def jvp(
    audio: Tensor,
    tangents: Tensor,
    steps: Tensor,
    playback: Playback,
    threshold_db: Tensor,
    release_ms: Tensor,
) -> Tensor:
    """Return the derivatives of the output along the audio, then along the values, in one pass.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        steps: (own, 2), derivatives of the values, the audio constant
        playback: sample rate and position of the audio
        threshold_db: (1,), as in `process`
        release_ms: (1,)

    Returns:
        (directions + own, channels, time)
    """
    import torch

    first, second, gain = _settings(threshold_db, release_ms)
    none = steps.new_zeros(0, len(FIRST))
    along = compressor.jvp(audio, tangents, none, playback, *first)
    between = compressor.process(audio[None], playback, *first)[0]
    own = steps.new_zeros(len(steps), len(FIRST))
    own[:, 0], own[:, 3] = steps[:, 0], steps[:, 1]
    moved = compressor.jvp(between, along, own, playback, *second)
    output = compressor.process(between[None], playback, *second)[0]
    by_gain = steps[:, 0].to(audio.dtype)[:, None, None] * (-math.log(10.0) / 20.0) * output
    moved[len(tangents) :] += by_gain
    factor = gain.to(audio.dtype)
    return moved * torch.where((factor * output).abs() <= 1.0, factor, 0.0)


def _settings(
    threshold_db: Tensor, release_ms: Tensor
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...], Tensor]:
    """Return the settings of both compressors, and the gain behind them, (batch,)."""
    import torch

    first = tuple(torch.full_like(threshold_db, value) for value in FIRST)
    ratio, attack_ms = (
        torch.full_like(threshold_db, value) for value in (SECOND_RATIO, SECOND_ATTACK_MS)
    )
    gain = torch.pow(10.0, (MAKE_UP_DB - threshold_db.double()) / 20.0)
    return first, (threshold_db, ratio, attack_ms, release_ms), gain


def plugin(playback: Playback, threshold_db: float, release_ms: float) -> pedalboard.Plugin:
    """Return pedalboard's Limiter."""
    import pedalboard

    return pedalboard.Limiter(threshold_db, release_ms)


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return thresholds below the peak, with short and long releases; see `Primitive`."""
    peak_db = peak_decibels(audio)
    return [
        {"threshold_db": peak_db - below_db, "release_ms": release}
        for below_db in (3.0, 10.0, 20.0)
        for release in (30.0, 200.0)
    ]


REALTIME = """
class Limiter : public Effect<LimiterKnobs> {
  Compression first, second;
  float gain = 1.0f;

  void begin(const LimiterKnobs&) override {
    first.begin(channels);
    second.begin(channels);
  }

  void set(const LimiterKnobs& knobs) override {
    first.set(rate, -10.0, 4.0, 2.0, 200.0);
    second.set(rate, knobs.threshold_db, 1000.0, 0.001, knobs.release_ms);
    gain = pow(10.0f, 10.0f * (1.0f - 0.25f) / 40.0f) *
           decibels_to_gain(-knobs.threshold_db);
  }

  void play(float* const* audio, int count) override {
    first.play(audio, count);
    second.play(audio, count);
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t)
        audio[c][t] = std::min(std::max(audio[c][t] * gain, -1.0f), 1.0f);
  }

  void settle() override {
    first.settle();
    second.settle();
  }
};
"""


PRIMITIVE = Primitive(
    kind="limiter",
    summary="Presses what is louder than a threshold flat, and makes up for it by a gain.",
    nature="dynamic",
    purpose="dynamics",
    parameters=(
        ParameterSpec("threshold_db", "dB", -40.0, 0.0, -10.0, prior_deviation=6.0),
        ParameterSpec("release_ms", "ms", 5.0, 3_000.0, 100.0, "log", 2.0),
    ),
    gradient="full",
    process=process,
    jvp=jvp,
    plugin=plugin,
    twin="Limiter",
    polarity_flips=frozenset(),
    starts=starts,
    probe={"threshold_db": -9.0, "release_ms": 15.0},
    evidence=limiting,
    realtime=REALTIME,
)
