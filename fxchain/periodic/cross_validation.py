"""The error of periodic filters on parts of a recording to which they were not fitted."""

from collections.abc import Sequence
from dataclasses import dataclass

from fxchain.periodic.folds import fold_weights, left_out_error
from fxchain.periodic.least_squares import NormalEquations
from fxchain.periodic.moments import Moments, Vector, measure_moments


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
        self._parts: list[list[Moments]] = [
            [
                measure_moments(dry * weight, wet * weight, radians, harmonics, taps)
                for weight in fold_weights(len(dry), sample_rate)
            ]
            for dry, wet in channels
        ]

    def error(self, size: Size) -> float:
        """Return the error-to-signal ratio on all parts, each left out in turn."""

        def left(others: Moments, part: Moments) -> float:
            solved = NormalEquations(others, self._radians).solve(size.ridge)
            return NormalEquations(part, self._radians).squared_error(solved)

        return left_out_error(
            [
                [part.reduced(size.harmonics, size.taps) for part in parts]
                for parts in self._parts
            ],
            left,
        )
