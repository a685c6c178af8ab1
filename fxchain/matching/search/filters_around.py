"""The filters with which a chain begins and ends, around a network in place of what is between."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.recursion import rows_of
from fxchain.recurrent.filters import Filters, NoFilters
from fxchain.stage import Chain, Effect, Stage
from fxchain.stage.filters import Filter
from fxchain.stage.sections import Sections
from fxchain.structure.candidate import Candidate
from fxchain.structure.knob_vector import KnobVector
from fxchain.structure.series import top_stages


@dataclass(frozen=True, eq=False)
class PlayedFilters:
    """Filters in series at some values; see `fxchain.recurrent.filters.Filters`.

    Attributes:
        cascade: the filters
        active: (values,), bool, which of their values are knobs that move
        scale: (knobs,), derivatives of these values by their positions in the unit cube
    """

    cascade: Sections
    active: np.ndarray
    scale: Tensor

    @cached_property
    def sections(self) -> np.ndarray:
        """Return b0 b1 b2 a1 a2 of each section, (sections, 5), float32."""
        return rows_of(self.cascade.coefficients[0]).astype(np.float32)

    def play(self, audio: np.ndarray) -> np.ndarray:
        """Filter (samples,)."""
        with torch.no_grad():
            played = self.cascade.play(torch.from_numpy(audio)[None, None], 0.0)
        return np.asarray(played[0, 0].numpy())

    def linearize(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what `play` does, and its derivatives by the knobs (knobs, samples)."""
        signal = torch.from_numpy(audio)[None]
        with torch.no_grad():
            output, moved = self.cascade.linearize(
                signal, signal.new_zeros(0, *signal.shape), 0.0, self.active
            )
        scaled = moved[:, 0] * self.scale[:, None].to(moved)
        return np.asarray(output[0].numpy()), np.asarray(scaled.numpy())


@dataclass(frozen=True, eq=False)
class FiltersAround:
    """Filters before and behind a network; see `fxchain.recurrent.filters.Surroundings`.

    Attributes:
        before: filters in series with their values
        behind: the same
        sample_rate: Hz
    """

    before: Candidate
    behind: Candidate
    sample_rate: int

    @property
    def start(self) -> np.ndarray:
        """Return where their knobs are in the unit cube, those before the network first."""
        return np.concatenate([_knobs(each).cube(each.values) for each in self._sides])

    def at(self, cube: np.ndarray) -> tuple[Filters, Filters]:
        """Return the filters with their knobs at (knobs,)."""
        first, second = self._split(cube)
        return self._played(self.before, first), self._played(self.behind, second)

    def moved(self, cube: np.ndarray) -> tuple[Candidate, Candidate]:
        """Return both with their knobs at (knobs,)."""
        first, second = self._split(cube)
        return (
            self.before.at(_knobs(self.before).values(first)),
            self.behind.at(_knobs(self.behind).values(second)),
        )

    @property
    def _sides(self) -> tuple[Candidate, Candidate]:
        return self.before, self.behind

    def _split(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        count = int(np.count_nonzero(self.before.free))
        return cube[:count], cube[count:]

    def _played(self, side: Candidate, cube: np.ndarray) -> Filters:
        if not side.stage.size:
            return NoFilters()
        knobs, position = _knobs(side), torch.from_numpy(cube).requires_grad_()
        with torch.enable_grad():
            values = knobs.tensor_values(position)
            (scale,) = torch.autograd.grad(values.sum(), position)
        values, filters, at = values.detach(), [], 0
        for each in top_stages(side.stage):
            assert isinstance(each, Effect)
            filters.append(Filter(each.primitive, values[None, at : at + each.size]))
            at += each.size
        cascade = Sections(tuple(filters), self.sample_rate, torch.complex64, rounded=False)
        return PlayedFilters(cascade, side.free, scale)


def filters_around(candidate: Candidate, sample_rate: int) -> FiltersAround | None:
    """Return the filters with which a chain begins and those with which it ends; None: it has none.

    Levels beside them are left out, a network has its own.
    """
    parts: list[tuple[Stage, slice]] = []
    for stage in top_stages(candidate.stage):
        begin = parts[-1][1].stop if parts else 0
        parts.append((stage, slice(begin, begin + stage.size)))
    others = [number for number, (stage, _) in enumerate(parts) if not _is_filter(stage)]
    first, last = (others[0], others[-1] + 1) if others else (len(parts), len(parts))
    before, behind = _filters(candidate, parts[:first]), _filters(candidate, parts[last:])
    if not before.stage.size and not behind.stage.size:
        return None
    return FiltersAround(before, behind, sample_rate)


def _is_filter(stage: Stage) -> bool:
    return isinstance(stage, Effect) and stage.primitive.sections is not None


def _filters(candidate: Candidate, parts: Sequence[tuple[Stage, slice]]) -> Candidate:
    """Return the filters among stages of a chain that are no mere levels, in series."""
    kept = [(stage, span) for stage, span in parts if _shapes_tone(stage)]
    places = np.concatenate([np.arange(span.start, span.stop) for _, span in kept] or [[]])
    chosen = places.astype(int)
    stage = Chain(tuple(stage for stage, _ in kept))
    return Candidate(stage, candidate.values[chosen], candidate.free[chosen])


def _shapes_tone(stage: Stage) -> bool:
    return isinstance(stage, Effect) and stage.primitive.purpose == "tone"


def _knobs(side: Candidate) -> KnobVector:
    return KnobVector(side.stage, side.values, side.free)
