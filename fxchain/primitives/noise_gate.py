"""Noise gate: what is softer than a threshold becomes softer still, channels on their own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.dsp.levels import peak_decibels
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import gate

if TYPE_CHECKING:
    import pedalboard
    import torch
    from torch import Tensor

#: Time constant while the mean square falls, ms; it rises at once.
MEAN_SQUARE_MS = 50.0


def process(
    audio: Tensor,
    playback: Playback,
    threshold_db: Tensor,
    ratio: Tensor,
    attack_ms: Tensor,
    release_ms: Tensor,
) -> Tensor:
    """Gate.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        threshold_db: (batch,), envelope level below which the gain falls
        ratio: (batch,), dB out per dB in below the threshold
        attack_ms: (batch,), time constant while the envelope rises, ms
        release_ms: (batch,), time constant while it falls, ms

    Returns:
        (batch, channels, time)

    Source:
        pedalboard's NoiseGate, measured: the root of an envelope of x² that rises at once and
        falls in 50 ms, an envelope of that with both time constants, then the gain
        (envelope/threshold)^(ratio − 1) up to the threshold.
    """
    import torch

    from fxchain.dsp.envelope import channel_envelope, envelope

    rate, dtype = playback.sample_rate, audio.dtype
    square = audio.square().reshape(-1, audio.shape[-1])
    mean_square = envelope(square, *_mean_square(len(square), rate, dtype)).reshape(audio.shape)
    root = mean_square.clamp(min=torch.finfo(dtype).tiny).sqrt()
    level = channel_envelope(root, attack_ms, release_ms, rate)
    return _gain(level, threshold_db, ratio) * audio


def _mean_square(rows: int, sample_rate: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return the coefficients of the mean square, (rows,) each."""
    import torch

    from fxchain.dsp.envelope import remainder

    time_ms = torch.full((rows,), MEAN_SQUARE_MS, dtype=torch.float64)
    return torch.zeros_like(time_ms), remainder(time_ms, sample_rate, dtype)


def _gain(level: Tensor, threshold_db: Tensor, ratio: Tensor) -> Tensor:
    import torch

    from fxchain.dsp.single_precision import decibels_to_gain, power

    threshold = decibels_to_gain(threshold_db, level.dtype)[:, None, None]
    exponent = (ratio.to(level.dtype) - 1.0)[:, None, None]
    below = torch.where(level > threshold, 1.0, level * (1.0 / threshold))
    return power(below, exponent)


def jvp(
    audio: Tensor,
    tangents: Tensor,
    steps: Tensor,
    playback: Playback,
    threshold_db: Tensor,
    ratio: Tensor,
    attack_ms: Tensor,
    release_ms: Tensor,
) -> Tensor:
    """Return the derivatives of the output along the audio, then along the values, in one pass.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        steps: (own, 4), derivatives of the values, the audio constant
        playback: sample rate and position of the audio
        threshold_db: (1,), as in `process`, and so are the others
        ratio: (1,)
        attack_ms: (1,)
        release_ms: (1,)

    Returns:
        (directions + own, channels, time)
    """
    import torch

    from fxchain.dsp.envelope import EnvelopeDerivative, envelope, remainder, remainder_slopes
    from fxchain.dsp.single_precision import decibels_to_gain

    channels, dtype, rate = audio.shape[0], audio.dtype, playback.sample_rate
    square, mean_of = audio.square(), _mean_square(channels, rate, dtype)
    mean_square = envelope(square, *mean_of).clamp(min=torch.finfo(dtype).tiny)
    root = mean_square.sqrt()
    times_ms = torch.cat([attack_ms, release_ms]).double()
    remainders = remainder(times_ms, rate, dtype)
    level_of = remainders[:, None].expand(-1, channels)
    level = envelope(root, *level_of)
    gain = _gain(level[None], threshold_db, ratio)[0]
    threshold = decibels_to_gain(threshold_db, dtype)
    below = level <= threshold
    output_below = torch.where(below, audio * gain, 0.0)
    exponent = ratio.to(dtype) - 1.0
    # log gain = exponent · (log level − log threshold)
    by_level = output_below * exponent / level
    by_threshold = (-math.log(10.0) / 20.0) * exponent * output_below
    by_ratio = torch.log(torch.where(below, level / threshold, 1.0)) * output_below
    moved = tangents.new_empty(len(tangents) + len(steps), *audio.shape)
    zero, one, along_root = audio * 0.0, torch.ones_like(audio), torch.empty_like(tangents)
    of_mean = EnvelopeDerivative(square, mean_square, *mean_of)
    of_mean.along_signal(tangents, 2.0 * audio, 0.5 / root, zero, along_root)
    of_level = EnvelopeDerivative(root, level, *level_of)
    of_level.along_signal(along_root, one, by_level, zero, moved[: len(tangents)])
    moved[: len(tangents)] += gain * tangents
    d_times = steps[:, 2:] * remainder_slopes(times_ms, remainders, rate)
    for own, step, d_time in zip(moved[len(tangents) :], steps, d_times, strict=True):
        own[:] = step[0] * by_threshold + step[1] * by_ratio
        if d_time.any():
            own += by_level * of_level.along_coefficients(*d_time.tolist())
    return moved


def plugin(
    playback: Playback,
    threshold_db: float,
    ratio: float,
    attack_ms: float,
    release_ms: float,
) -> pedalboard.Plugin:
    """Return pedalboard's NoiseGate."""
    import pedalboard

    return pedalboard.NoiseGate(threshold_db, ratio, attack_ms, release_ms)


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return thresholds far below the peak, with short and long releases; see `Primitive`."""
    peak_db = peak_decibels(audio)
    return [
        {"threshold_db": peak_db - below_db, "ratio": 3.0, "attack_ms": 2.0, "release_ms": release}
        for below_db in (12.0, 20.0, 30.0, 40.0)
        for release in (40.0, 200.0)
    ]


REALTIME = """
class NoiseGate : public Effect<NoiseGateKnobs> {
  Follower mean_square, envelope;
  float threshold = 1.0f, inverse = 1.0f, exponent = 0.0f;

  void begin(const NoiseGateKnobs&) override {
    mean_square.begin(channels);
    envelope.begin(channels);
  }

  void set(const NoiseGateKnobs& knobs) override {
    mean_square.fall = remainder_of(50.0, rate);
    envelope.rise = remainder_of(knobs.attack_ms, rate);
    envelope.fall = remainder_of(knobs.release_ms, rate);
    threshold = decibels_to_gain(knobs.threshold_db);
    inverse = 1.0f / threshold;
    exponent = static_cast<float>(knobs.ratio) - 1.0f;
  }

  void play(float* const* audio, int count) override {
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) {
        const float x = audio[c][t];
        const float root = std::sqrt(mean_square.follow(c, x * x));
        const float level = envelope.follow(c, root);
        audio[c][t] = (level > threshold ? 1.0f : pow(level * inverse, exponent)) * x;
      }
  }

  void settle() override {
    mean_square.settle();
    envelope.settle();
  }
};
"""


PRIMITIVE = Primitive(
    kind="noise_gate",
    summary="Turns down what is softer than a threshold.",
    nature="dynamic",
    purpose="dynamics",
    parameters=(
        ParameterSpec("threshold_db", "dB", -90.0, 0.0, -40.0, prior_deviation=12.0),
        ParameterSpec("ratio", "", 1.0, 20.0, 4.0, "log", 3.0),
        ParameterSpec("attack_ms", "ms", 0.1, 100.0, 2.0, "log", 2.5),
        ParameterSpec("release_ms", "ms", 5.0, 3_000.0, 100.0, "log", 2.0),
    ),
    gradient="full",
    process=process,
    jvp=jvp,
    plugin=plugin,
    twin="NoiseGate",
    gain_shifts={"threshold_db": -1.0},
    polarity_flips=frozenset(),
    neutral={"ratio": 1.0},
    starts=starts,
    probe={"threshold_db": -2.0, "ratio": 3.0, "attack_ms": 5.0, "release_ms": 60.0},
    evidence=gate,
    realtime=REALTIME,
)
