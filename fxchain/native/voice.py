"""The voice of an instrument, whose notes go into a chain, as data of the player."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fxchain.native.knobs import LiveKnob
from fxchain.native.numbers import real_data, text_data, whole_data
from fxchain.synth.sources import SOURCES
from fxchain.synth.sources.controls import CONTROLS, LEVEL, WEIGHT

#: What stands in place of a stage, and its kind.
_LABEL, _KIND = "voice", "voice"


@dataclass(frozen=True)
class LiveSource:
    """A source of a voice.

    Attributes:
        kind: its name in `SOURCES`
        octave: −1, 0 or 1
        weight: its factor in the sum
        values: of its own controls, by name
        cycle: Fourier coefficients of a measured wave
    """

    kind: str
    octave: int
    weight: float
    values: Mapping[str, float]
    cycle: Sequence[complex] = ()


@dataclass(frozen=True)
class LiveVoice:
    """What plays the notes of an instrument.

    Attributes:
        level_db: gain of the sum
        sources: what is summed
        controls: values of the controls that all sources share, by name
    """

    level_db: float
    sources: Sequence[LiveSource]
    controls: Mapping[str, float]


def voice_data(voice: LiveVoice | None) -> bytes:
    """Return a voice as the player reads it behind the stages; None: there is none."""
    if voice is None:
        return whole_data(0)
    parts = [whole_data(len(voice.sources))]
    for place, each in enumerate(voice.sources):
        specs = SOURCES[each.kind].parameters
        own = real_data(each.weight, *(each.values[spec.name] for spec in specs))
        parts += [text_data(each.kind), whole_data(each.octave + 1)]
        parts += [text_data(_place(place)), own]
        if SOURCES[each.kind].measured:
            pairs = [part for value in each.cycle for part in (value.real, value.imag)]
            parts += [whole_data(len(pairs)), real_data(*pairs)]
    shared = real_data(voice.level_db, *(voice.controls[spec.name] for spec in CONTROLS))
    return b"".join([*parts, shared])


def voice_knobs(voice: LiveVoice | None) -> list[LiveKnob]:
    """Return its knobs in the order of the player: those of the sources, what they share."""
    if voice is None:
        return []
    found = []
    for place, each in enumerate(voice.sources):
        label = f"{_place(place)} ({each.kind})"
        found.append(LiveKnob(label, each.kind, WEIGHT, each.weight))
        found += [
            LiveKnob(label, each.kind, spec, each.values[spec.name])
            for spec in SOURCES[each.kind].parameters
        ]
    found.append(LiveKnob(_LABEL, _KIND, LEVEL, voice.level_db))
    return found + [LiveKnob(_LABEL, _KIND, each, voice.controls[each.name]) for each in CONTROLS]


def _place(number: int) -> str:
    return f"sources[{number}]"
