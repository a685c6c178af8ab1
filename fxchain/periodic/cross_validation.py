"""The error of periodic filters on parts of a recording to which they were not fitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from fxchain.periodic.least_squares import NormalEquations
from fxchain.periodic.moments import Moments, Vector, folds, measure_moments

#: Time in which the weight of a fold rises, s, and the number of folds.
RISE_SECONDS, FOLDS = 0.2, 4


@dataclass(frozen=True)
class Size:
    """What is chosen about a periodic filter before it is solved.

    Attributes:
        harmonics: K, of the rate of change
        taps: length of the filters, samples
        ridge: weight of the penalty, relative to the energy of the dry
    """

    harmonics: int
    taps: int
    ridge: float


class CrossValidation:
    """The cross-validated error of periodic filters of one rate of change.

    Args:
        channels: dry and wet (samples,) of each channel
        sample_rate: Hz
        radians: ω, for each sample
        harmonics: the most that are asked for
        taps: the most that are asked for
    """

    def __init__(
        self,
        channels: Sequence[tuple[Vector, Vector]],
        sample_rate: float,
        radians: float,
        harmonics: int,
        taps: int,
    ) -> None:
        self._radians = radians
        rise = max(round(RISE_SECONDS * sample_rate), 1)
        self._parts: list[list[Moments]] = [
            [
                measure_moments(dry * weight, wet * weight, radians, harmonics, taps)
                for weight in folds(len(dry), rise, FOLDS)
            ]
            for dry, wet in channels
        ]

    def error(self, size: Size) -> float:
        """Return the error-to-signal ratio on all parts, each left out in turn."""
        left, energy = 0.0, 1e-30
        for parts in self._parts:
            reduced = [part.reduced(size.harmonics, size.taps) for part in parts]
            total = reduce(add, reduced)
            for part in reduced:
                solved = NormalEquations(total - part, self._radians).solve(size.ridge)
                left += NormalEquations(part, self._radians).squared_error(solved)
            energy += total.energy
        return max(left, 0.0) / energy
