"""Pitch shift: another pitch at the same speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive

if TYPE_CHECKING:
    import pedalboard


def plugin(playback: Playback, semitones: float) -> pedalboard.Plugin:
    """Return pedalboard's PitchShift, which takes back its latency where it plays a whole."""
    import pedalboard

    return pedalboard.PitchShift(semitones=semitones)


PRIMITIVE = Primitive(
    kind="pitch_shift",
    summary="Shifts the pitch and keeps the speed.",
    nature="opaque",
    purpose="modulation",
    parameters=(ParameterSpec("semitones", "", -24.0, 24.0, 0.0, prior_deviation=6.0),),
    gradient="none",
    plugin=plugin,
    twin="PitchShift",
    whole=True,
    probe={"semitones": 3.0},
    not_realtime="it needs the future of the recording, and plays recordings whole",
)
