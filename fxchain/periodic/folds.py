"""Cross-validation of short filters by sums over smoothly weighted parts of a recording.

A weight rises and falls so slowly that a filter of a few milliseconds hardly notices: weighted dry
and weighted wet are led to each other by the same filter. What a filter is solved from is a sum
over the recording, so that the sums without a part are those of the whole less those of the part.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

#: Time in which the weight of a fold rises, s, and the number of folds.
RISE_SECONDS, FOLDS = 0.2, 4


class Sums(Protocol):
    """What a filter is solved from: sums over a recording."""

    @property
    def energy(self) -> float:
        """Return that of the wet."""
        ...

    def __add__(self, other: Self) -> Self:
        """Return the sums over both."""
        ...

    def __sub__(self, other: Self) -> Self:
        """Return the sums over what the other has not."""
        ...


S = TypeVar("S", bound=Sums)


def left_out_error(channels: Iterable[Sequence[S]], left: Callable[[S, S], float]) -> float:
    """Return the error-to-signal ratio on all parts, each left out in turn.

    Args:
        channels: the sums over each part, of each channel
        left: `(sums over the others, sums over a part) -> energy` that what is solved from the
            others leaves of the part
    """
    squared, energy = 0.0, 1e-30
    for parts in channels:
        total = reduce(add, parts)
        squared += sum(left(total - part, part) for part in parts)
        energy += total.energy
    return max(squared, 0.0) / energy


def fold_weights(samples: int, sample_rate: float) -> list[Vector]:
    """Return weights (samples,) of each fold that share a recording among them.

    Args:
        samples: length of the recording
        sample_rate: Hz
    """
    return folds(samples, max(round(RISE_SECONDS * sample_rate), 1), FOLDS)


def folds(samples: int, half: int, count: int) -> list[Vector]:
    """Return smooth weights that share a recording among folds: their squares add up to 1.

    Args:
        samples: length of the recording
        half: of the time that a weight rises, samples, and equally long falls
        count: how many folds there are

    Returns:
        `count` arrays (samples,)
    """
    blocks = np.arange(samples) / half
    found = []
    for fold in range(count):
        phase = (blocks - fold) % count
        distance = np.minimum(phase, count - phase)
        found.append(np.where(distance < 1.0, np.cos(0.5 * np.pi * distance), 0.0))
    return found
