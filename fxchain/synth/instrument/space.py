"""A voice and the effects behind it as a position in the unit cube."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Self

import numpy as np
import soxr
import torch

from fxchain.notes.note import Note
from fxchain.parameter import ParameterSpec
from fxchain.preset import Preset
from fxchain.stage import Chain, Effect, Slot, Stage, knob_name
from fxchain.synth.search.space import Space

#: Voices that are remembered: one for each coordinate of a Jacobian.
_REMEMBERED = 96


@dataclass(frozen=True)
class InstrumentSpace(Space):
    """The coordinates of a voice, then those of the effects behind it that can be turned smoothly.

    Attributes:
        behind: the effects, of which only the values that are no coordinates are read; they are
            played at its sample rate, on which the sound of a delay and a reverb depends
    """

    direct: ClassVar[bool] = False

    behind: Preset = field(default_factory=lambda: Preset(Chain(()), np.zeros(0), 44_100))

    @classmethod
    def of(cls, voice: Space, cube: np.ndarray, preset: Preset) -> tuple[Self, np.ndarray]:
        """Return the space of a voice with the effects of a preset behind it, and where they are.

        Args:
            voice: its coordinates
            cube: where it is
            preset: the effects
        """
        space = cls(**_fields(voice), behind=preset)
        own = [slot.spec.normalize(preset.values[index]) for index, slot in space._turned]
        return space, np.append(cube, own)

    @cached_property
    def alone(self) -> Space:
        """Return the coordinates of the voice."""
        return Space(**_fields(self))

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Return the effects, in series."""
        stage = self.behind.stage
        return stage.stages if isinstance(stage, Chain) else (stage,)

    @cached_property
    def _turned(self) -> list[tuple[int, Slot]]:
        """Return places and slots of the values that are coordinates."""
        slots = enumerate(self.behind.stage.slots())
        return [(index, slot) for index, slot in slots if _smooth(slot)]

    @property
    def specs(self) -> tuple[ParameterSpec, ...]:
        """Return what each coordinate is."""
        return (*self.alone.specs, *(slot.spec for _, slot in self._turned))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of each coordinate, those of effects as in `chain[1].mix`."""
        own = (knob_name(slot.path, slot.spec.name) for _, slot in self._turned)
        return (*self.alone.names, *own)

    def voice(self, cube: Any) -> Any:
        """Return the voice at a cube; see `Space.voice`."""
        return self.alone.voice(cube[: len(self.alone.specs)])

    def effects(self, cube: np.ndarray) -> Preset:
        """Return the effects at a cube."""
        values, own = self.behind.values.copy(), cube[len(self.alone.specs) :]
        for (index, slot), position in zip(self._turned, own, strict=True):
            values[index] = float(slot.spec.denormalize(torch.tensor(float(position))))
        return replace(self.behind, values=values)

    def play(
        self, xp: Any, cube: Any, notes: Sequence[Note], sample_rate: float, samples: int
    ) -> Any:
        """Return what is played at a cube, in numpy; see `Space.play`."""
        position = np.ascontiguousarray(cube[: len(self.alone.specs)]).tobytes()
        played = _voice(self.alone, position, tuple(notes), sample_rate, samples)
        return played_by(self.effects(cube), sample_rate)(played)

    def patch(self, cube: np.ndarray) -> Any:
        """Return the patch at a cube, with its effects."""
        patch = self.alone.patch(cube[: len(self.alone.specs)])
        effects = json.loads(self.effects(cube).to_json())
        return patch.model_copy(update={"effects": effects})

    def of_effect(self, place: int) -> np.ndarray:
        """Return the coordinates of the effect at a place."""
        inside, begin = self._values_of(place), len(self.alone.specs)
        turned = enumerate(self._turned)
        return np.array([begin + n for n, (index, _) in turned if index in inside], dtype=int)

    def without_effect(self, cube: np.ndarray, place: int) -> tuple[Space, np.ndarray]:
        """Return the space without one of the effects, and the cube in it.

        Args:
            cube: (coordinates,)
            place: of the effect
        """
        kept = np.delete(cube, self.of_effect(place))
        stages = [stage for number, stage in enumerate(self.stages) if number != place]
        if not stages:
            return self.alone, kept
        values = np.delete(self.behind.values, self._values_of(place))
        behind = replace(self.behind, stage=Chain(tuple(stages)), values=values)
        return replace(self, behind=behind), kept

    def with_effect(
        self, cube: np.ndarray, effect: Effect, values: np.ndarray, place: int
    ) -> tuple["InstrumentSpace", np.ndarray]:
        """Return the space with one more effect, and the cube in it.

        Args:
            cube: (coordinates,)
            effect: what is added
            values: of its controls
            place: number of effects before it
        """
        stages = (*self.stages[:place], effect, *self.stages[place:])
        first = sum(stage.size for stage in self.stages[:place])
        every = np.insert(self.effects(cube).values, first, values)
        behind = replace(self.behind, stage=Chain(stages), values=every)
        return InstrumentSpace.of(self.alone, cube[: len(self.alone.specs)], behind)

    def of_first(self, cube: np.ndarray, count: int) -> tuple[Space, np.ndarray]:
        """Return the space with no more than the first effects, and the cube in it."""
        space: Space = self
        while isinstance(space, InstrumentSpace) and len(space.stages) > count:
            space, cube = space.without_effect(cube, count)
        return space, cube

    def _values_of(self, place: int) -> range:
        """Return the places of the values of an effect."""
        first = sum(stage.size for stage in self.stages[:place])
        return range(first, first + self.stages[place].size)


def _fields(voice: Space) -> dict[str, Any]:
    """Return what the coordinates of a voice are made of."""
    return {each.name: getattr(voice, each.name) for each in fields(Space)}


def played_by(preset: Preset, sample_rate: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that plays (samples,) through a preset at its own rate, from silence.

    Args:
        preset: the effects
        sample_rate: Hz, of what is given and returned
    """
    own = preset.sample_rate
    board = preset.board(own)

    def play(samples: np.ndarray) -> np.ndarray:
        audio = resampled(samples, sample_rate, own)[None].astype(np.float32)
        heard = np.asarray(board(audio, own), dtype=np.float64).mean(axis=0)
        back = resampled(heard, own, sample_rate)[: len(samples)]
        return np.pad(back, (0, len(samples) - len(back)))

    return play


def _smooth(slot: Slot) -> bool:
    """Tell whether small turns of a control change what is played little, in mono."""
    return not (slot.quantized or slot.spec.choices or slot.spec.stereo_only)


def resampled(samples: np.ndarray, rate: float, other: float) -> np.ndarray:
    """Return (samples,) at another rate; as they are where it is the same."""
    if rate == other:
        return samples
    found: np.ndarray = soxr.resample(samples, rate, other, quality="VHQ")
    return found


@lru_cache(maxsize=_REMEMBERED)
def _voice(
    space: Space, position: bytes, notes: tuple[Note, ...], sample_rate: float, samples: int
) -> np.ndarray:
    """Return what a voice plays; while effects alone are turned it stays the same."""
    cube = np.frombuffer(position).copy()
    played = np.asarray(space.play(np, cube, notes, sample_rate, samples))
    played.setflags(write=False)
    return played
