"""Compressor: feed-forward, hard knee, channels on their own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.dsp.levels import peak_decibels
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import dynamics

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor


def process(
    audio: Tensor,
    playback: Playback,
    threshold_db: Tensor,
    ratio: Tensor,
    attack_ms: Tensor,
    release_ms: Tensor,
) -> Tensor:
    """Compress.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        threshold_db: (batch,), envelope level above which the gain falls
        ratio: (batch,), dB in per dB out above the threshold
        attack_ms: (batch,), time constant while the envelope rises, ms
        release_ms: (batch,), time constant while it falls, ms

    Returns:
        (batch, channels, time)

    Source:
        pedalboard's Compressor: a one-pole envelope of |x| with two time constants, then the gain
        (envelope/threshold)^(1/ratio − 1) above the threshold; no knee, no make-up.
    """
    from fxchain.dsp.envelope import channel_envelope

    level = channel_envelope(audio.abs(), attack_ms, release_ms, playback.sample_rate)
    return _gain(level, threshold_db, ratio) * audio


def _gain(level: Tensor, threshold_db: Tensor, ratio: Tensor) -> Tensor:
    import torch

    from fxchain.dsp.single_precision import decibels_to_gain, power

    threshold = decibels_to_gain(threshold_db, level.dtype)[:, None, None]
    exponent = (1.0 / ratio.to(level.dtype) - 1.0)[:, None, None]
    above = torch.where(level < threshold, 1.0, level * (1.0 / threshold))
    return power(above, exponent)


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
        threshold_db: (1,), as in `process`
        ratio: (1,)
        attack_ms: (1,)
        release_ms: (1,)

    Returns:
        (directions + own, channels, time)
    """
    import torch

    from fxchain.dsp.envelope import EnvelopeDerivative, envelope, remainder, remainder_slopes
    from fxchain.dsp.single_precision import decibels_to_gain

    channels, dtype, rectified = audio.shape[0], audio.dtype, audio.abs()
    times_ms = torch.cat([attack_ms, release_ms]).double()
    remainders = remainder(times_ms, playback.sample_rate, dtype)
    by_times = remainder_slopes(times_ms, remainders, playback.sample_rate)
    level = envelope(rectified, *remainders[:, None].expand(-1, channels))
    gain = _gain(level[None], threshold_db, ratio)[0]
    threshold = decibels_to_gain(threshold_db, dtype)
    above = level >= threshold
    output_above = torch.where(above, audio * gain, 0.0)
    exponent = 1.0 / ratio.to(dtype) - 1.0
    # log gain = exponent · (log level − log threshold)
    by_level = output_above * exponent / level.clamp(min=torch.finfo(dtype).tiny)
    log_excess = torch.log(torch.where(above, level / threshold, 1.0))

    moved = tangents.new_empty(len(tangents) + len(steps), *audio.shape)
    derivative = EnvelopeDerivative(rectified, level, *remainders[:, None].expand(-1, channels))
    derivative.along_signal(tangents, torch.sign(audio), by_level, gain, moved[: len(tangents)])
    for place, (d_threshold, d_ratio, d_attack, d_release) in enumerate(
        steps.tolist(), start=len(tangents)
    ):
        own = torch.zeros_like(audio)
        if d_attack or d_release:
            d_times = torch.tensor([d_attack, d_release]) * by_times
            own += by_level * derivative.along_coefficients(*d_times.tolist())
        if d_threshold:
            own -= d_threshold * (math.log(10.0) / 20.0) * exponent * output_above
        if d_ratio:
            own -= d_ratio / ratio.to(dtype) ** 2 * log_excess * output_above
        moved[place] = own
    return moved


def plugin(
    playback: Playback,
    threshold_db: float,
    ratio: float,
    attack_ms: float,
    release_ms: float,
) -> pedalboard.Plugin:
    """Return pedalboard's Compressor."""
    import pedalboard

    return pedalboard.Compressor(threshold_db, ratio, attack_ms, release_ms)


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return thresholds below the peak, with fast and slow times; see `Primitive`."""
    peak_db = peak_decibels(audio)
    return [
        {
            "threshold_db": peak_db - below_db,
            "ratio": 3.0,
            "attack_ms": attack,
            "release_ms": release,
        }
        for below_db in (8.0, 16.0, 26.0)
        for attack, release in ((2.0, 60.0), (10.0, 100.0), (10.0, 400.0))
    ]


REALTIME = """
class Compressor : public Effect<CompressorKnobs> {
  Compression compression;

  void begin(const CompressorKnobs&) override { compression.begin(channels); }

  void set(const CompressorKnobs& knobs) override {
    compression.set(rate, knobs.threshold_db, knobs.ratio, knobs.attack_ms, knobs.release_ms);
  }

  void play(float* const* audio, int count) override { compression.play(audio, count); }
  void settle() override { compression.settle(); }
};
"""


PRIMITIVE = Primitive(
    kind="compressor",
    summary="Turns down what is louder than a threshold.",
    nature="dynamic",
    purpose="dynamics",
    parameters=(
        ParameterSpec("threshold_db", "dB", -60.0, 0.0, -20.0, prior_deviation=9.0),
        ParameterSpec("ratio", "", 1.0, 20.0, 2.0, "log", 3.0),
        ParameterSpec("attack_ms", "ms", 0.1, 100.0, 10.0, "log", 2.5),
        ParameterSpec("release_ms", "ms", 5.0, 3_000.0, 100.0, "log", 2.0),
    ),
    gradient="full",
    process=process,
    jvp=jvp,
    plugin=plugin,
    twin="Compressor",
    gain_shifts={"threshold_db": -1.0},
    polarity_flips=frozenset(),
    neutral={"ratio": 1.0},
    starts=starts,
    probe={"threshold_db": -30.0, "ratio": 4.0, "attack_ms": 10.0, "release_ms": 100.0},
    evidence=dynamics,
    realtime=REALTIME,
)
