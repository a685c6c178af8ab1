"""Waveshaper: tanh with a bias, which makes even harmonics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.dsp.levels import peak_decibels
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import biased_drive
from fxchain.primitives.static_curve import StaticCurve

if TYPE_CHECKING:
    from torch import Tensor


def process(audio: Tensor, playback: Playback, drive_db: Tensor, bias: Tensor) -> Tensor:
    """Shape the wave: tanh(drive·x + bias) − tanh(bias).

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        drive_db: (batch,), gain before the tanh
        bias: (batch,), offset before the tanh; silence stays silence

    Returns:
        (batch, channels, time)

    Source:
        the usual model of a stage biased off its centre; at a bias of 0 it is `distortion`.
    """
    from fxchain.dsp.single_precision import hyperbolic_tangent_of_numpy

    gain = (10.0 ** (drive_db.double() / 20.0)).to(audio.dtype)[:, None, None]
    offset = bias.to(audio.dtype)[:, None, None]
    driven = hyperbolic_tangent_of_numpy(audio * gain + offset)
    return driven - hyperbolic_tangent_of_numpy(offset)


def render(audio: np.ndarray, playback: Playback, drive_db: float, bias: float) -> np.ndarray:
    """Return tanh(drive·x + bias) − tanh(bias) in numpy."""
    gain, offset = np.float32(10.0 ** (drive_db / 20.0)), np.float32(bias)
    return np.tanh(audio * gain + offset) - np.tanh(offset)


def static_curve(drive_db: float, bias: float) -> StaticCurve:
    """Return tanh(drive·x + bias) − tanh(bias)."""
    return StaticCurve("tanh", 10.0 ** (drive_db / 20.0), offset=bias)


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return drives around the knee of the tanh, biased to either side; see `Primitive`."""
    peak_db = peak_decibels(audio)
    return [
        {"drive_db": drive_db - peak_db, "bias": bias}
        for drive_db in (3.0, 12.0, 22.0)
        for bias in (-0.3, 0.3)
    ]


REALTIME = """
class Waveshaper : public Effect<WaveshaperKnobs> {
  float gain = 1.0f, offset = 0.0f, rest = 0.0f;

  static float shaped(float x) { return static_cast<float>(tanh(static_cast<double>(x))); }

  void set(const WaveshaperKnobs& knobs) override {
    gain = static_cast<float>(power_of_ten(knobs.drive_db / 20.0));
    offset = static_cast<float>(knobs.bias);
    rest = shaped(offset);
  }

  void play(float* const* audio, int count) override {
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) audio[c][t] = shaped(audio[c][t] * gain + offset) - rest;
  }
};
"""


FAUST = """
waveshaper(drive_db, bias) = *(pow(10.0, drive_db / 20.0)) : +(bias) : tanh : -(tanh(bias));
"""


PRIMITIVE = Primitive(
    kind="waveshaper",
    summary="Saturates asymmetrically, as a biased tube does: tanh with an offset.",
    nature="memoryless",
    purpose="drive",
    parameters=(
        ParameterSpec("drive_db", "dB", -20.0, 50.0, 6.0, prior_deviation=8.0),
        ParameterSpec("bias", "", -2.0, 2.0, 0.0),
    ),
    gradient="full",
    process=process,
    render=render,
    input_gain="drive_db",
    polarity_flips=frozenset({"bias"}),
    generalizes="distortion",
    starts=starts,
    probe={"drive_db": 12.0, "bias": 0.3},
    evidence=biased_drive,
    realtime=REALTIME,
    static_curve=static_curve,
    faust=FAUST,
)
