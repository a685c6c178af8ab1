"""The voice of an instrument, whose notes go into a chain, as data of the player."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fxchain.native.instrument import LiveInstrument
from fxchain.native.knobs import LiveKnob
from fxchain.native.numbers import real_data, text_data, whole_data
from fxchain.parameter import ParameterSpec
from fxchain.synth.sources import SOURCES
from fxchain.synth.sources.controls import CONTROLS, LEVEL, WEIGHT

#: What the player reads first of it.
_VOICE = 1
#: What stands in place of a stage, and its kind.
_LABEL, _KIND = "voice", "voice"


class Weighted(Protocol):
    """A source with a weight and controls of its own."""

    @property
    def weight(self) -> float:
        """Return its factor in the sum."""
        ...

    @property
    def values(self) -> Mapping[str, float]:
        """Return the values of its controls, by name."""
        ...


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
class LiveVoice(LiveInstrument):
    """What plays the notes of an instrument.

    Attributes:
        level_db: gain of the sum
        sources: what is summed
        controls: values of the controls that all sources share, by name
    """

    level_db: float
    sources: Sequence[LiveSource]
    controls: Mapping[str, float]

    def data(self) -> bytes:
        """Return it as the player reads it."""
        parts = [whole_data(_VOICE), whole_data(len(self.sources))]
        for place, each in enumerate(self.sources):
            specs = SOURCES[each.kind].parameters
            own = real_data(each.weight, *(each.values[spec.name] for spec in specs))
            parts += [text_data(each.kind), whole_data(each.octave + 1)]
            parts += [text_data(_place(place)), own]
            if SOURCES[each.kind].measured:
                numbers = [part for value in each.cycle for part in (value.real, value.imag)]
                parts += [whole_data(len(numbers)), real_data(*numbers)]
        shared = real_data(self.level_db, *(self.controls[spec.name] for spec in CONTROLS))
        return b"".join([*parts, shared])

    def knobs(self) -> list[LiveKnob]:
        """Return its knobs: those of the sources, what they share."""
        found = []
        for place, each in enumerate(self.sources):
            label = f"{_place(place)} ({each.kind})"
            found += source_knobs(label, each.kind, SOURCES[each.kind].parameters, each)
        found.append(LiveKnob(_LABEL, _KIND, LEVEL, self.level_db))
        own = [LiveKnob(_LABEL, _KIND, each, self.controls[each.name]) for each in CONTROLS]
        return found + own


def source_knobs(
    label: str, kind: str, specs: Sequence[ParameterSpec], source: Weighted
) -> list[LiveKnob]:
    """Return the knobs of a source: its weight and its own controls."""
    own = [LiveKnob(label, kind, spec, source.values[spec.name]) for spec in specs]
    return [LiveKnob(label, kind, WEIGHT, source.weight), *own]


def _place(number: int) -> str:
    return f"sources[{number}]"
