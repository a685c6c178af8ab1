"""Distortion: tanh of the amplified signal."""

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


def process(audio: Tensor, playback: Playback, drive_db: Tensor) -> Tensor:
    """Distort.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        drive_db: (batch,), gain before the tanh

    Returns:
        (batch, channels, time)

    Source:
        pedalboard's Distortion, sample for sample; `dasp_pytorch.functional.distortion` is the
        same formula, but rounds otherwise in float32 and fails on stereo.
    """
    from fxchain.dsp.single_precision import decibels_to_gain, hyperbolic_tangent

    return hyperbolic_tangent(audio * decibels_to_gain(drive_db, audio.dtype)[:, None, None])


def plugin(playback: Playback, drive_db: float) -> pedalboard.Plugin:
    """Return pedalboard's Distortion."""
    import pedalboard

    return pedalboard.Distortion(drive_db=drive_db)


def static_curve(drive_db: float) -> StaticCurve:
    """Return tanh(drive·x)."""
    return StaticCurve("tanh", 10.0 ** (drive_db / 20.0))


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return drives that lift the peak to the knee of the tanh and above; see `Primitive`."""
    peak_db = peak_decibels(audio)
    return [{"drive_db": drive_db - peak_db} for drive_db in (-6.0, 3.0, 12.0, 22.0, 32.0)]


REALTIME = """
class Distortion : public Effect<DistortionKnobs> {
  float drive = 1.0f;

  void set(const DistortionKnobs& knobs) override { drive = decibels_to_gain(knobs.drive_db); }

  void play(float* const* audio, int count) override {
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) audio[c][t] = tanh(audio[c][t] * drive);
  }
};
"""


FAUST = """
distortion(drive_db) = *(level(drive_db)) : tanh;
"""


PRIMITIVE = Primitive(
    kind="distortion",
    summary="Saturates symmetrically: tanh of the amplified signal.",
    nature="memoryless",
    purpose="drive",
    parameters=(ParameterSpec("drive_db", "dB", -20.0, 50.0, 6.0, prior_deviation=8.0),),
    gradient="full",
    process=process,
    plugin=plugin,
    twin="Distortion",
    input_gain="drive_db",
    odd_increasing=True,
    polarity_flips=frozenset(),
    starts=starts,
    probe={"drive_db": 12.0},
    evidence=drive,
    realtime=REALTIME,
    static_curve=static_curve,
    faust=FAUST,
)
