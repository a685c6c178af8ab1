"""Drums, a kit of them, and hits."""

from fxchain.synth.drum.kit import Kit
from fxchain.synth.drum.patch import DrumPatch
from tests.native.played_notes import Played

HITS = (
    Played(0, 3_000, 36, 1.0),
    Played(2_000, 10, 38, 1.0),
    Played(4_000, 10, 40, 1.0),  # a key without a drum
    Played(5_001, 100, 36, 51 / 127),
    Played(5_700, 100, 36, 102 / 127),
)
_KICK = {"start_frequency_hz": 700.0, "phase_drive": 1.2, "decay_ms": 120.0}


def drum_of(*sources, level_db=-6.0):
    """Return a drum of sources."""
    return DrumPatch.model_validate({"sources": list(sources), "level_db": level_db})


def kick(**parameters):
    """Return a swept sine with some of its controls."""
    return drum_of({"source": "swept_sine", "weight": 0.8, "parameters": {**_KICK, **parameters}})


def a_kit():
    """Return a swept sine on key 36 and a click on key 38."""
    snare = drum_of({"source": "click", "parameters": {"decay_ms": 3.0}}, level_db=-3.0)
    return Kit.model_validate({"drums": [{"key": 36, "drum": kick()}, {"key": 38, "drum": snare}]})
