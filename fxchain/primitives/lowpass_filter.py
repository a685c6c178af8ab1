"""Low-pass filter of first order: 6 dB per octave above the cut-off."""

import pedalboard

from fxchain.dsp.first_order import lowpass_coefficients
from fxchain.dsp.frequency_limit import clamped_frequency_hz
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_gain


def plugin(playback: Playback, cutoff_frequency_hz: float) -> pedalboard.Plugin:
    """Return pedalboard's LowpassFilter."""
    return pedalboard.LowpassFilter(clamped_frequency_hz(cutoff_frequency_hz, playback.sample_rate))


PRIMITIVE = Primitive(
    kind="lowpass_filter",
    summary="Removes what lies above the cut-off, at 6 dB per octave.",
    nature="filter",
    purpose="tone",
    parameters=(ParameterSpec("cutoff_frequency_hz", "Hz", 20.0, 20_000.0, 20_000.0, "log", 1.5),),
    gradient="full",
    sections=lowpass_coefficients,
    plugin=plugin,
    probe={"cutoff_frequency_hz": 1_000.0},
    evidence=beyond_gain,
)
