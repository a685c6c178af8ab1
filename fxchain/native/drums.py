"""Drums on the keys of an instrument, as data of the player."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fxchain.native.instrument import MIDDLE_KEY, LiveInstrument
from fxchain.native.knobs import LiveKnob
from fxchain.native.numbers import real_data, text_data, whole_data
from fxchain.native.voice import source_knobs
from fxchain.synth.drum.sources import DRUM_SOURCES
from fxchain.synth.sources.controls import LEVEL

#: What the player reads first of them.
_DRUMS = 2


@dataclass(frozen=True)
class LivePart:
    """A source of a drum.

    Attributes:
        kind: its name in `DRUM_SOURCES`
        weight: its factor in the sum
        values: of its controls, by name
    """

    kind: str
    weight: float
    values: Mapping[str, float]


@dataclass(frozen=True)
class LiveDrum:
    """A drum.

    Attributes:
        key: of a MIDI keyboard that hits it; None: every key
        level_db: gain of the sum
        parts: what is summed
    """

    key: int | None
    level_db: float
    parts: Sequence[LivePart]

    def place(self, number: int) -> str:
        """Return what stands in place of a stage."""
        return f"drums[{number}]" if self.key is None else f"key {self.key}"


@dataclass(frozen=True)
class LiveDrums(LiveInstrument):
    """Drums that notes hit.

    Attributes:
        drums: each with its key
    """

    drums: Sequence[LiveDrum]

    @property
    def first_key(self) -> int:
        """Return the lowest key that hits a drum; the middle one where every key does."""
        keys = [drum.key for drum in self.drums if drum.key is not None]
        return min(keys, default=MIDDLE_KEY)

    def data(self) -> bytes:
        """Return them as the player reads them."""
        found = [whole_data(_DRUMS), whole_data(len(self.drums))]
        for number, drum in enumerate(self.drums):
            place = drum.place(number)
            key = 0 if drum.key is None else drum.key + 1
            found += [whole_data(key), text_data(place), whole_data(len(drum.parts))]
            for part, each in enumerate(drum.parts):
                specs = DRUM_SOURCES[each.kind].parameters
                own = real_data(each.weight, *(each.values[spec.name] for spec in specs))
                found += [text_data(each.kind), text_data(f"{place}.sources[{part}]"), own]
            found.append(real_data(drum.level_db))
        return b"".join(found)

    def knobs(self) -> list[LiveKnob]:
        """Return their knobs: of each drum those of its sources, then its level."""
        found = []
        for number, drum in enumerate(self.drums):
            place = drum.place(number)
            for part, each in enumerate(drum.parts):
                label = f"{place}.sources[{part}] ({each.kind})"
                found += source_knobs(label, each.kind, DRUM_SOURCES[each.kind].parameters, each)
            found.append(LiveKnob(place, "drum", LEVEL, drum.level_db))
        return found
