"""Patches and notes, and what they are for the player, plug-ins and pages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.native import preset_data
from fxchain.notes.note import Note
from fxchain.preset import Preset, parse_chain
from fxchain.preset.played_macros import live_macros
from fxchain.synth.live import live_effects, live_instrument
from fxchain.synth.patch import Patch
from tests.native.compiled import HERE, Programs
from tests.synth.moving import MOVING

RATE = 44_100
_CHAIN = {
    "chain": [
        {"primitive": "distortion", "parameters": {"drive_db": 9.0}},
        {"primitive": "peak_filter", "parameters": {"gain_db": 5.0}},
        {"primitive": "reverb"},
    ]
}


def _document(chain: dict) -> dict:
    """Return a chain as the document of a preset."""
    stage, values, _ = parse_chain(chain, "effects")
    return json.loads(Preset(stage, values, RATE).to_json())


EFFECTS = _document(_CHAIN)


@dataclass(frozen=True)
class Played:
    """A note from sample to sample.

    Attributes:
        start: its first sample
        length: samples until it is released
        key: of a MIDI keyboard
        velocity: 0 to 1
    """

    start: int
    length: int
    key: int
    velocity: float


NOTES = (
    Played(0, 9_001, 45, 1.0),
    Played(4_410, 7_000, 64, 50 / 127),
    Played(4_410, 9_999, 31, 1.0),
)


def patch_of(*sources: dict, effects: dict | None = None, **controls: float) -> Patch:
    """Return a patch of sources with everything in motion."""
    return Patch.model_validate(
        {
            "sources": list(sources),
            "controls": {**MOVING, **controls},
            "level_db": -6.0,
            "effects": effects,
        }
    )


def two_sources(effects: dict | None = None) -> Patch:
    """Return a patch of two sources of which one has a control of its own."""
    pulse = {"source": "pulse", "octave": -1, "weight": 0.5, "parameters": {"width": 0.3}}
    return patch_of({"source": "saw", "weight": 0.7}, pulse, effects=effects)


def as_notes(played: Sequence[Played], rate: int) -> list[Note]:
    """Return notes with times in seconds."""
    return [
        Note(each.start / rate, each.length / rate, float(each.key), each.velocity)
        for each in played
    ]


def key_events(played: Sequence[Played]) -> list[tuple[int, int, float]]:
    """Return (sample, key, velocity) in order, with a velocity of 0 where a key is released."""
    found = [(each.start, each.key, each.velocity) for each in played]
    found += [(each.start + each.length, each.key, 0.0) for each in played]
    return sorted(found, key=lambda event: event[0])


def data_of(patch: Patch) -> bytes:
    """Return a patch as data of the player."""
    behind = live_effects(patch)
    macros = live_macros(behind.stage, behind.macros)
    parts = (behind.stage, behind.values, behind.routing, behind.sample_rate)
    return preset_data(*parts, macros, live_instrument(patch))


def play_live(
    programs: Programs,
    patch: Patch,
    events: Sequence[tuple[int, str, float, float]],
    samples: int,
    rate: int = RATE,
    block: int = 333,
) -> np.ndarray:
    """Return what the player makes of events (sample, what, first, second), (1, samples)."""
    lines = "".join(f"{at} {what} {a!r} {b!r}\n" for at, what, a, b in events)
    source = HERE / "notes.cpp"
    made = programs.run_data(source, data_of(patch), rate, samples, block, given=lines.encode())
    return np.frombuffer(made, "<f4")[None]


def presses(played: Sequence[Played]) -> list[tuple[int, str, float, float]]:
    """Return notes as events of `play_live`."""
    return [
        (at, "press" if velocity else "release", key, velocity)
        for at, key, velocity in key_events(played)
    ]
