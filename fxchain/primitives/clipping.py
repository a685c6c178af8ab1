"""Clipping: the signal cut flat above a threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.dsp.levels import peak_decibels
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import drive
from fxchain.primitives.static_curve import StaticCurve

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor


def process(audio: Tensor, playback: Playback, threshold_db: Tensor) -> Tensor:
    """Clip.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        threshold_db: (batch,), level at which the signal is cut

    Returns:
        (batch, channels, time)

    Source:
        pedalboard's Clipping: clamp to ±10^(threshold_db/20).
    """
    import torch

    from fxchain.dsp.single_precision import decibels_to_gain

    limit = decibels_to_gain(threshold_db, audio.dtype)[:, None, None]
    return torch.minimum(torch.maximum(audio, -limit), limit)


def plugin(playback: Playback, threshold_db: float) -> pedalboard.Plugin:
    """Return pedalboard's Clipping."""
    import pedalboard

    return pedalboard.Clipping(threshold_db=threshold_db)


def static_curve(threshold_db: float) -> StaticCurve:
    """Return limit·clamp(x/limit)."""
    limit = 10.0 ** (threshold_db / 20.0)
    return StaticCurve("clamp", 1.0 / limit, factor=limit)


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return thresholds below the peak; see `Primitive`."""
    peak_db = peak_decibels(audio)
    return [{"threshold_db": peak_db - below_db} for below_db in (2.0, 6.0, 12.0, 20.0)]


REALTIME = """
class Clipping : public Effect<ClippingKnobs> {
  float limit = 1.0f;

  void set(const ClippingKnobs& knobs) override { limit = decibels_to_gain(knobs.threshold_db); }

  void play(float* const* audio, int count) override {
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t)
        audio[c][t] = std::min(std::max(audio[c][t], -limit), limit);
  }
};
"""


FAUST = """
clipping(threshold_db) = max(-1.0 * level(threshold_db)) : min(level(threshold_db));
"""


PRIMITIVE = Primitive(
    kind="clipping",
    summary="Cuts the signal flat above a threshold.",
    nature="memoryless",
    purpose="drive",
    parameters=(ParameterSpec("threshold_db", "dB", -60.0, 0.0, -6.0),),
    gradient="full",
    process=process,
    plugin=plugin,
    twin="Clipping",
    gain_shifts={"threshold_db": -1.0},
    limit="threshold_db",
    odd_increasing=True,
    polarity_flips=frozenset(),
    starts=starts,
    probe={"threshold_db": -24.0},
    evidence=drive,
    realtime=REALTIME,
    static_curve=static_curve,
    faust=FAUST,
)
