"""Ladder filter: a resonant filter of two or four poles that saturates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive

if TYPE_CHECKING:
    import pedalboard

#: Low-, high- and band-pass, 12 and 24 dB per octave, in the order of pedalboard's numbers.
MODES = ("LPF12", "HPF12", "BPF12", "LPF24", "HPF24", "BPF24")


def plugin(
    playback: Playback, mode: float, cutoff_hz: float, resonance: float, drive: float
) -> pedalboard.Plugin:
    """Return pedalboard's LadderFilter; the cutoff is clamped to 0.45 of the sample rate."""
    import pedalboard

    return pedalboard.LadderFilter(
        mode=pedalboard.LadderFilter.Mode(round(mode)),
        cutoff_hz=min(cutoff_hz, HIGHEST_FREQUENCY * playback.sample_rate),
        resonance=resonance,
        drive=drive,
    )


PRIMITIVE = Primitive(
    kind="ladder_filter",
    summary="Filters as a synthesizer does: resonant, and saturating with its drive.",
    nature="dynamic",
    purpose="tone",
    parameters=(
        ParameterSpec("mode", "", 0.0, 5.0, 0.0, choices=MODES, enumeration="LadderFilter.Mode"),
        ParameterSpec("cutoff_hz", "Hz", 20.0, 20_000.0, 1_000.0, "log", 3.0),
        ParameterSpec("resonance", "", 0.0, 1.0, 0.2, prior_deviation=0.25),
        ParameterSpec("drive", "", 1.0, 20.0, 1.0, "log", 2.0),
    ),
    gradient="differences",
    plugin=plugin,
    twin="LadderFilter",
    polarity_flips=frozenset(),
    probe={"mode": 0.0, "cutoff_hz": 900.0, "resonance": 0.4, "drive": 3.0},
)
