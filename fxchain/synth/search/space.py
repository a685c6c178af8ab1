"""The voice as a position in the unit cube."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch

from fxchain.notes.note import Note
from fxchain.parameter import ParameterSpec
from fxchain.synth.patch import Patch, SourceNode
from fxchain.synth.sources import SOURCES
from fxchain.synth.sources.controls import CONTROLS, WEIGHT
from fxchain.synth.voice.oscillator import Oscillator, Voice
from fxchain.synth.voice.playing import play_voice

#: Sources that every search begins with: kind and octave.
ALL_SOURCES: tuple[tuple[str, int], ...] = (
    ("saw", 0),
    ("pulse", 0),
    ("triangle", 0),
    ("sine", 0),
    ("sine", -1),
    ("frequency_modulation", 0),
    ("noise", 0),
)


@dataclass(frozen=True)
class Space:
    """The coordinates of the search: for each source its weight and controls, then the shared ones.

    Attributes:
        sources: kind and octave of each
        level: amplitude that a weight of 1 stands for
        noise_seed: of the noise of the voices
        cycle: Fourier coefficients of the wave of a measured source
    """

    #: What sources there are, and what follows the controls of the sources.
    kinds: ClassVar[Mapping[str, Any]] = SOURCES
    shared: ClassVar[tuple[ParameterSpec, ...]] = CONTROLS
    #: Notes are sums of harmonics.
    harmonic: ClassVar[bool] = True
    #: What is heard is the notes themselves, with no effects behind them.
    direct: ClassVar[bool] = True

    sources: tuple[tuple[str, int], ...] = ALL_SOURCES
    level: float = 1.0
    noise_seed: int = 0
    cycle: tuple[complex, ...] = ()

    @property
    def specs(self) -> tuple[ParameterSpec, ...]:
        """Return what each coordinate is."""
        own = [spec for kind, _ in self.sources for spec in (WEIGHT, *self.kinds[kind].parameters)]
        return (*own, *self.shared)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of each coordinate, as in `saw.weight` or `sine-1.weight`."""
        own = [
            f"{label(kind, octave)}.{spec.name}"
            for kind, octave in self.sources
            for spec in (WEIGHT, *self.kinds[kind].parameters)
        ]
        return (*own, *(spec.name for spec in self.shared))

    def indices(self, *names: str) -> np.ndarray:
        """Return the coordinates of these names."""
        return np.array([self.names.index(name) for name in names], dtype=int)

    @property
    def weights(self) -> np.ndarray:
        """Return the coordinates that are weights, in the order of the sources."""
        return self.indices(*(f"{label(*each)}.weight" for each in self.sources))

    @property
    def of_noise(self) -> np.ndarray:
        """Return the coordinates of noise, of which another draw cannot be subtracted: weights."""
        return self.indices(
            *(f"{label(*each)}.weight" for each in self.sources if self.kinds[each[0]].noisy)
        )

    def start(self) -> np.ndarray:
        """Return the cube of the defaults."""
        return np.array([spec.normalize(spec.default) for spec in self.specs])

    def play(
        self, xp: Any, cube: Any, notes: Sequence[Note], sample_rate: float, samples: int
    ) -> Any:
        """Return what is played at a cube, (samples,).

        Args:
            xp: numpy or torch, as the cube is
            cube: (coordinates,)
            notes: what is played
            sample_rate: Hz
            samples: how many
        """
        return play_voice(xp, self.voice(cube), notes, sample_rate, samples)

    def voice(self, cube: Any) -> Any:
        """Return the voice at a cube: of numbers where it is an array, of tensors where it is one.

        Args:
            cube: (coordinates,)
        """
        tensor = isinstance(cube, torch.Tensor)
        positions = cube if tensor else torch.as_tensor(cube, dtype=torch.float64)
        pairs = zip(self.specs, positions, strict=True)
        values = [spec.denormalize(position) for spec, position in pairs]
        return self._voice(values if tensor else [float(each) for each in values])

    def _voice(self, values: Sequence[Any]) -> Any:
        left = iter(values)
        oscillators = []
        for kind, octave in self.sources:
            source, weight = SOURCES[kind], next(left)
            own = {spec.name: next(left) for spec in source.parameters}
            coefficients = source.of_cycle(self.cycle)
            oscillators.append(Oscillator(coefficients, octave, self.level * weight, own))
        controls = {spec.name: next(left) for spec in CONTROLS}
        return Voice(tuple(oscillators), controls, self.noise_seed)

    def patch(self, cube: np.ndarray) -> Any:
        """Return the patch at a cube: weights relative to the largest, silent sources left out."""
        voice = self.voice(cube)
        largest = max(each.weight for each in voice.oscillators) or 1.0
        nodes = [
            SourceNode.model_validate(
                {
                    "source": kind,
                    "octave": octave,
                    "weight": each.weight / largest,
                    "parameters": _whole_ratio(dict(each.values)),
                    "cycle": _pairs(self.cycle) if SOURCES[kind].measured else (),
                }
            )
            for (kind, octave), each in zip(self.sources, voice.oscillators, strict=True)
            if each.weight > SILENT * largest
        ]
        return Patch(
            level_db=float(np.clip(20.0 * np.log10(largest), -120.0, 60.0)),
            noise_seed=self.noise_seed,
            sources=tuple(nodes),
            controls=dict(voice.controls),
        )

    def louder(self, cube: np.ndarray, level: float) -> tuple["Space", np.ndarray]:
        """Return the space with another level, and the same voice in it."""
        moved = cube.copy()
        moved[self.weights] = np.clip(moved[self.weights] * self.level / level, 0.0, 1.0)
        return replace(self, level=level), moved

    def without(self, cube: np.ndarray, keep: Sequence[bool]) -> tuple["Space", np.ndarray]:
        """Return the space with some of the sources, and the cube in it."""
        kept = tuple(each for each, stays in zip(self.sources, keep, strict=True) if stays)
        smaller = replace(self, sources=kept)
        return smaller, cube[[self.names.index(name) for name in smaller.names]]


#: The level of a search is so many times the largest amplitude at its beginning, so that weights
#: can grow.
ROOM = 4.0

#: A source whose weight is at most this share of the largest is not part of the patch (−50 dB).
SILENT = 3e-3


def label(kind: str, octave: int) -> str:
    """Return what a source of an octave is called."""
    return kind if octave == 0 else f"{kind}{octave:+d}"


def _whole_ratio(values: dict[str, float]) -> dict[str, float]:
    """Return the values of a source with its frequency ratio as the whole number that is played."""
    return {name: round(value) if name == "ratio" else value for name, value in values.items()}


def _pairs(cycle: Sequence[complex]) -> tuple[tuple[float, float], ...]:
    """Return the amplitudes of cosines and sines of a measured wave."""
    return tuple((each.real, -each.imag) for each in cycle)
