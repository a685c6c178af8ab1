"""The error of periodic filters on parts of recordings to which they were not fitted."""

from collections.abc import Sequence
from dataclasses import dataclass

from fxchain.periodic.folds import fold_weights, left_out_error
from fxchain.periodic.least_squares import NormalEquations
from fxchain.periodic.moments import Moments
from fxchain.periodic.turning_part import TurningPart, mean_radians, summed_moments


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
    """The cross-validated error of periodic filters.

    Args:
        parts: of recordings of one device, with equally many channels
        harmonics: the most that are asked for
        taps: the most that are asked for
    """

    def __init__(self, parts: Sequence[TurningPart], harmonics: int, taps: int) -> None:
        self._radians = mean_radians(parts)
        self._channels = summed_moments([folded_moments(each, harmonics, taps) for each in parts])

    def error(self, size: Size) -> float:
        """Return the error-to-signal ratio on all parts, each left out in turn."""
        return moments_error(self._channels, self._radians, size)


def folded_moments(part: TurningPart, harmonics: int, taps: int) -> list[list[Moments]]:
    """Return the sums of each channel over each fold."""
    weights = fold_weights(part.part.samples, part.part.sample_rate)
    return part.moments(harmonics, taps, weights)


def moments_error(channels: Sequence[Sequence[Moments]], radians: float, size: Size) -> float:
    """Return the error-to-signal ratio on all folds, each left out in turn.

    Args:
        channels: the sums over each fold, of each channel
        radians: ω, for each sample
        size: of the filter
    """

    def left(others: Moments, part: Moments) -> float:
        solved = NormalEquations(others, radians).solve(size.ridge)
        return NormalEquations(part, radians).squared_error(solved)

    reduced = [[each.reduced(size.harmonics, size.taps) for each in parts] for parts in channels]
    return left_out_error(reduced, left)
