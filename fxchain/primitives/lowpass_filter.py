"""Low-pass filter of first order: 6 dB per octave above the cut-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.dsp.first_order import lowpass_coefficients
from fxchain.dsp.frequency_limit import clamped_frequency_hz
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_gain

if TYPE_CHECKING:
    import pedalboard


def plugin(playback: Playback, cutoff_frequency_hz: float) -> pedalboard.Plugin:
    """Return pedalboard's LowpassFilter."""
    import pedalboard

    return pedalboard.LowpassFilter(clamped_frequency_hz(cutoff_frequency_hz, playback.sample_rate))


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return corners an octave apart; see `Primitive`."""
    return [{"cutoff_frequency_hz": hz} for hz in (1_500.0, 3_000.0, 6_000.0, 12_000.0)]


REALTIME = """
class LowpassFilter : public Effect<LowpassFilterKnobs> {
  Biquad filter;

  void begin(const LowpassFilterKnobs&) override { filter.begin(channels); }

  void set(const LowpassFilterKnobs& knobs) override {
    filter.row = first_order_lowpass(rate, knobs.cutoff_frequency_hz);
  }

  void play(float* const* audio, int count) override { filter.play(audio, count); }
  void settle() override { filter.settle(); }
};
"""


FAUST = """
lowpass_filter(cutoff_frequency_hz) = biquad(n, n, 0.0, n + 1.0, n - 1.0, 0.0)
with {
  n = tan(PI * held(cutoff_frequency_hz) / SR);
};
"""


PRIMITIVE = Primitive(
    kind="lowpass_filter",
    summary="Removes what lies above the cut-off, at 6 dB per octave.",
    nature="filter",
    purpose="tone",
    parameters=(ParameterSpec("cutoff_frequency_hz", "Hz", 20.0, 20_000.0, 20_000.0, "log", 1.5),),
    gradient="full",
    sections=lowpass_coefficients,
    plugin=plugin,
    twin="LowpassFilter",
    starts=starts,
    probe={"cutoff_frequency_hz": 1_000.0},
    evidence=beyond_gain,
    realtime=REALTIME,
    faust=FAUST,
)
