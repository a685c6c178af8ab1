"""The drum as a position in the unit cube."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from fxchain.notes.note import Note
from fxchain.parameter import ParameterSpec
from fxchain.synth.drum.patch import DrumNode, DrumPatch
from fxchain.synth.drum.playing.hits import Drum, Part, play_drum
from fxchain.synth.drum.sources import DRUM_SOURCES
from fxchain.synth.search.space import SILENT, Space, label

#: Sources that every search begins with: kind, and a number where there are several of one kind.
ALL_DRUM_SOURCES: tuple[tuple[str, int], ...] = (
    ("swept_sine", 0),
    ("noise_burst", 0),
    ("noise_burst", 1),
    ("click", 0),
)


@dataclass(frozen=True)
class DrumSpace(Space):
    """The coordinates of a drum: for each source its weight and its controls.

    Attributes:
        sources: kind and number of each
        level: amplitude that a weight of 1 stands for
        noise_seed: of the noise of the drums
    """

    kinds: ClassVar[Mapping[str, Any]] = DRUM_SOURCES
    shared: ClassVar[tuple[ParameterSpec, ...]] = ()
    harmonic: ClassVar[bool] = False

    sources: tuple[tuple[str, int], ...] = ALL_DRUM_SOURCES

    @property
    def of_noise(self) -> np.ndarray:
        """Return the coordinates of bursts of noise, weights and controls."""
        beginnings = tuple(f"{label(*each)}." for each in self.sources if self.kinds[each[0]].noisy)
        return np.array(
            [i for i, name in enumerate(self.names) if name.startswith(beginnings)], dtype=int
        )

    def play(
        self, xp: Any, cube: Any, notes: Sequence[Note], sample_rate: float, samples: int
    ) -> Any:
        """Return what is played at a cube; see `Space.play`."""
        return play_drum(xp, self.voice(cube), notes, sample_rate, samples)

    def _voice(self, values: Sequence[Any]) -> Drum:
        left, parts = iter(values), []
        for kind, _ in self.sources:
            source, weight = DRUM_SOURCES[kind], next(left)
            own = {spec.name: next(left) for spec in source.parameters}
            parts.append(Part(source.sound, self.level * weight, own, source.noisy))
        return Drum(tuple(parts), self.noise_seed)

    def patch(self, cube: np.ndarray) -> DrumPatch:
        """Return the patch at a cube: weights relative to the largest, silent sources left out."""
        drum = self.voice(cube)
        largest = max(each.weight for each in drum.parts) or 1.0
        nodes = tuple(
            DrumNode(source=kind, weight=part.weight / largest, parameters=dict(part.values))
            for (kind, _), part in zip(self.sources, drum.parts, strict=True)
            if part.weight > SILENT * largest
        )
        level_db = float(np.clip(20.0 * np.log10(largest + 1e-30), -120.0, 60.0))
        return DrumPatch(level_db=level_db, noise_seed=self.noise_seed, sources=nodes)
