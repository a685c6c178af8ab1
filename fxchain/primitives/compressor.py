"""Compressor: feed-forward, hard knee, channels on their own."""

import math

import pedalboard
import torch
from torch import Tensor
from torchcomp.core import compressor_core

from fxchain.parameter import ParameterSpec
from fxchain.primitives.base import Primitive
from fxchain.primitives.sections import decibels_to_gain


def _smoothing(time_ms: Tensor, sample_rate: float, dtype: torch.dtype) -> Tensor:
    """Return 1 − exp(−2π·1000/(rate·ms)), the exponential rounded as pedalboard rounds it."""
    exact = torch.exp(-2.0 * math.pi * 1_000.0 / (sample_rate * time_ms.double()))
    rounded = exact + (exact.to(dtype).double() - exact).detach()
    return (1.0 - rounded).to(dtype)


def process(
    audio: Tensor,
    sample_rate: float,
    threshold_db: Tensor,
    ratio: Tensor,
    attack_ms: Tensor,
    release_ms: Tensor,
) -> Tensor:
    """Compress.

    Args:
        audio: (batch, channels, time)
        sample_rate: Hz
        threshold_db: (batch,), envelope level above which the gain falls
        ratio: (batch,), dB in per dB out above the threshold
        attack_ms: (batch,), time constant while the envelope rises, ms
        release_ms: (batch,), time constant while it falls, ms

    Returns:
        (batch, channels, time)

    Source:
        pedalboard's Compressor: a one-pole envelope of |x| with two time constants, then the gain
        (envelope/threshold)^(1/ratio − 1) above the threshold; no knee, no make-up. The envelope
        and its gradient are `torchcomp.core.compressor_core`, whose sense of attack is the
        reverse.
    """
    batch, channels, time = audio.shape
    attack = _smoothing(attack_ms, sample_rate, audio.dtype)
    release = _smoothing(release_ms, sample_rate, audio.dtype)
    envelope = compressor_core(
        audio.abs().reshape(-1, time),
        torch.zeros(batch * channels, dtype=audio.dtype),
        release.expand(batch).repeat_interleave(channels),
        attack.expand(batch).repeat_interleave(channels),
    ).reshape(batch, channels, time)
    inverse_threshold = decibels_to_gain(-threshold_db).to(audio.dtype)[:, None, None]
    exponent = (1.0 / ratio - 1.0).to(audio.dtype)[:, None, None]
    return audio * torch.pow((envelope * inverse_threshold).clamp(min=1.0), exponent)


def plugin(
    sample_rate: float,
    threshold_db: float,
    ratio: float,
    attack_ms: float,
    release_ms: float,
) -> pedalboard.Plugin:
    """Return pedalboard's Compressor."""
    return pedalboard.Compressor(threshold_db, ratio, attack_ms, release_ms)


PRIMITIVE = Primitive(
    kind="compressor",
    summary="Turns down what is louder than a threshold.",
    parameters=(
        ParameterSpec("threshold_db", "dB", -60.0, 0.0, -20.0),
        ParameterSpec("ratio", "", 1.0, 20.0, 2.0, "log"),
        ParameterSpec("attack_ms", "ms", 0.1, 100.0, 10.0, "log"),
        ParameterSpec("release_ms", "ms", 5.0, 3_000.0, 100.0, "log"),
    ),
    gradient="full",
    process=process,
    plugin=plugin,
    neutral={"ratio": 1.0},
    probe={"threshold_db": -30.0, "ratio": 4.0, "attack_ms": 10.0, "release_ms": 100.0},
)
