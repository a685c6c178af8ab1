"""A copy of a signal that moves, followed over time without any idea of how it moves.

The wet is h₀ * x plus a copy of u = h₁ * x, of a family of copies u_n in which neighbours are
alike: delays, or all-passes of one corner. In each short window the error of every n is
‖r − u_n‖², r = y − h₀ * x, all of which are sums of products; the path through the windows with the
least error, at a price for each change, is what is followed.

Source:
    A. J. Viterbi 1967 for the path.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from fxchain.alignment.best_path import continuous_path

Vector = NDArray[np.float64]

#: Windows and their distance, s.
WINDOW_SECONDS, HOP_SECONDS = 0.02, 0.01


@dataclass(frozen=True, eq=False)
class Family:
    """Copies by their numbers.

    Attributes:
        copies: `signals (channels, samples) -> (number -> copy (channels, samples))`
        count: of the numbers, from 0 on
        price: of a change to the next number, as a share of the mean energy of a window
    """

    copies: Callable[[Vector], Callable[[int], Vector]]
    count: int
    price: float


@dataclass(frozen=True, eq=False)
class CopyPath:
    """Which copy it is, over time.

    Attributes:
        times: middle of each window, samples
        numbers: of the copy there
        left: share of the wet that is left, weighted in each window
    """

    times: Vector
    numbers: Vector
    left: float


def copy_path(x: Vector, y: Vector, sample_rate: float, family: Family) -> CopyPath:
    """Return the path of the copy where y is a·x + b·x_n.

    The weights a and b are those of each window and channel, n is that of all channels.

    Args:
        x: (channels, samples)
        y: (channels, samples)
        sample_rate: Hz
        family: of the copies
    """
    products = _Products(x, y, sample_rate)
    direct, own, copy = products.with_itself, products.own, family.copies(x)
    gains = []
    for number in range(family.count):
        cross, moved, power = products.of(copy(number))
        # the least squares of two columns, less that of the first alone
        left = power - cross**2 / direct
        there = moved - cross * own / direct
        gain = np.where(left > 1e-2 * power, there**2 / np.maximum(left, 1e-30), 0.0)
        gains.append(gain.sum(axis=0))
    without = products.energy - own**2 / direct
    return products.path(np.array(gains).T, family.price, float(np.sum(without)))


def refined_path(u: Vector, rest: Vector, sample_rate: float, family: Family) -> CopyPath:
    """Return the same where the copy is u_n and nothing else is left in `rest`."""
    products, copy = _Products(u, rest, sample_rate), family.copies(u)
    gains = []
    for number in range(family.count):
        _, moved, power = products.of(copy(number))
        gains.append(np.sum(2.0 * moved - power, axis=0))
    return products.path(np.array(gains).T, family.price, float(np.sum(products.energy)))


def heard_weights(u: Vector, times: Vector, sample_rate: float) -> Vector:
    """Return how much a path says at some times: the power there, at most its median as 1.

    Args:
        u: (channels, samples), of which the copy is
        times: (windows,), samples
        sample_rate: Hz
    """
    window = max(round(WINDOW_SECONDS * sample_rate), 1)
    power = scipy.signal.oaconvolve(np.sum(u**2, axis=0), np.ones(window) / window, "same")
    heard = power[np.minimum(times.astype(int), len(power) - 1)]
    return np.asarray(np.minimum(heard / (np.median(heard) + 1e-30), 1.0))


class _Products:
    """Sums of products of two signals, and of copies of the first, in windows.

    Args:
        x: (channels, samples)
        y: (channels, samples)
        sample_rate: Hz
    """

    def __init__(self, x: Vector, y: Vector, sample_rate: float) -> None:
        self._x, self._y = x, y
        self._size = max(round(WINDOW_SECONDS * sample_rate), 2)
        hop = max(round(HOP_SECONDS * sample_rate), 1)
        self._begins = np.arange(0, max(x.shape[1] - self._size, 1), hop)
        energy = np.sum(x * x, axis=1, keepdims=True)
        self.with_itself = self._summed(x * x) + 1e-12 * energy + 1e-30
        self.own = self._summed(x * y)
        self.energy = self._summed(y * y)

    def _summed(self, product: Vector) -> Vector:
        total = np.pad(np.cumsum(product, axis=1), ((0, 0), (1, 0)))
        return np.asarray(total[:, self._begins + self._size] - total[:, self._begins])

    def of(self, copy: Vector) -> tuple[Vector, Vector, Vector]:
        """Return ⟨x, z⟩, ⟨y, z⟩ and ⟨z, z⟩ of each channel and window, z being a copy."""
        products = (self._x * copy, self._y * copy, copy * copy)
        sums = [self._summed(each) for each in products]
        return sums[0], sums[1], sums[2] + 1e-12

    def path(self, gains: Vector, price: float, without: float) -> CopyPath:
        """Return the path with the highest sum of gains.

        Args:
            gains: (windows, numbers), of all channels
            price: see `Family`
            without: the error without any copy
        """
        total = float(np.sum(self.energy)) + 1e-30
        path = continuous_path(gains * (len(gains) / total), price)
        middles = np.asarray(self._begins + 0.5 * self._size, np.float64)
        gained = float(np.sum(gains[np.arange(len(path)), path]))
        return CopyPath(middles, path.astype(np.float64), (without - gained) / total)
