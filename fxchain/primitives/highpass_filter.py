"""High-pass filter of first order: 6 dB per octave below the cut-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.dsp.first_order import highpass_coefficients
from fxchain.dsp.frequency_limit import clamped_frequency_hz
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_gain

if TYPE_CHECKING:
    import pedalboard


def plugin(playback: Playback, cutoff_frequency_hz: float) -> pedalboard.Plugin:
    """Return pedalboard's HighpassFilter."""
    import pedalboard

    return pedalboard.HighpassFilter(
        clamped_frequency_hz(cutoff_frequency_hz, playback.sample_rate)
    )


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return corners an octave and a third apart; see `Primitive`."""
    return [{"cutoff_frequency_hz": hz} for hz in (40.0, 100.0, 250.0, 630.0)]


REALTIME = """
class HighpassFilter : public Effect<HighpassFilterKnobs> {
  Biquad filter;

  void begin(const HighpassFilterKnobs&) override { filter.begin(channels); }

  void set(const HighpassFilterKnobs& knobs) override {
    filter.row = first_order_highpass(rate, knobs.cutoff_frequency_hz);
  }

  void play(float* const* audio, int count) override { filter.play(audio, count); }
  void settle() override { filter.settle(); }
};
"""


FAUST = """
highpass_filter(cutoff_frequency_hz) = biquad(1.0, -1.0, 0.0, n + 1.0, n - 1.0, 0.0)
with {
  n = tan(PI * held(cutoff_frequency_hz) / SR);
};
"""


PRIMITIVE = Primitive(
    kind="highpass_filter",
    summary="Removes what lies below the cut-off, at 6 dB per octave.",
    nature="filter",
    purpose="tone",
    parameters=(ParameterSpec("cutoff_frequency_hz", "Hz", 20.0, 20_000.0, 20.0, "log", 1.5),),
    gradient="full",
    sections=highpass_coefficients,
    plugin=plugin,
    twin="HighpassFilter",
    starts=starts,
    probe={"cutoff_frequency_hz": 1_000.0},
    evidence=beyond_gain,
    realtime=REALTIME,
    faust=FAUST,
)
