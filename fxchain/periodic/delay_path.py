"""The delay of a copy that moves, followed over time without any idea of how it moves.

The wet is h₀ * x plus a copy of u = h₁ * x that is d(t) late. In each short window the error of
every delay on a grid is ‖r − u(t − τ)‖², r = y − h₀ * x, all of which are sums of products; the
path through the windows with the least error, at a price for each change, is d.

Source:
    A. J. Viterbi 1967 for the path.
"""

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.best_path import continuous_path

Vector = NDArray[np.float64]

#: Windows and their distance, s, and the longest delay, s.
WINDOW_SECONDS, HOP_SECONDS, LONGEST_SECONDS = 0.02, 0.01, 0.02
#: What a change of the delay by 1 ms costs, as a share of the mean energy of a window.
CHANGE_PRICE = 0.15


def delay_path(x: Vector, y: Vector, sample_rate: float) -> tuple[Vector, Vector]:
    """Return the middle of each window and the delay there, samples, where y is a·x + b·x(t − d).

    The weights a and b are those of each window and channel, the delay is that of all channels.

    Args:
        x: (channels, samples)
        y: (channels, samples)
        sample_rate: Hz
    """
    products = _Products(x, y, sample_rate)
    direct, own = products.with_itself, products.own
    gains = []
    for late in range(products.longest):
        cross, moved, power = products.at(late)
        # the least squares of two columns, less that of the first alone
        left = power - cross**2 / direct
        there = moved - cross * own / direct
        gain = np.where(left > 1e-2 * power, there**2 / np.maximum(left, 1e-30), 0.0)
        gains.append(gain.sum(axis=0))
    return products.path(np.array(gains).T)


def refined_path(u: Vector, rest: Vector, sample_rate: float) -> tuple[Vector, Vector]:
    """Return the same where the copy is u(t − d) and nothing else is left in `rest`."""
    products = _Products(u, rest, sample_rate)
    gains = []
    for late in range(products.longest):
        _, moved, power = products.at(late)
        gains.append(np.sum(2.0 * moved - power, axis=0))
    return products.path(np.array(gains).T)


class _Products:
    """Sums of products of two signals in windows, one of them late.

    Args:
        x: (channels, samples)
        y: (channels, samples)
        sample_rate: Hz
    """

    def __init__(self, x: Vector, y: Vector, sample_rate: float) -> None:
        self._x, self._y = x, y
        self._rate = sample_rate
        self._size = max(round(WINDOW_SECONDS * sample_rate), 2)
        hop = max(round(HOP_SECONDS * sample_rate), 1)
        self._begins = np.arange(0, max(x.shape[1] - self._size, 1), hop)
        self.longest = round(LONGEST_SECONDS * sample_rate)
        energy = np.sum(x * x, axis=1, keepdims=True)
        self.with_itself = self._summed(x * x) + 1e-12 * energy + 1e-30
        self.own = self._summed(x * y)
        self._energy = self._summed(y * y)

    def _summed(self, product: Vector) -> Vector:
        total = np.pad(np.cumsum(product, axis=1), ((0, 0), (1, 0)))
        return np.asarray(total[:, self._begins + self._size] - total[:, self._begins])

    def at(self, late: int) -> tuple[Vector, Vector, Vector]:
        """Return ⟨x, z⟩, ⟨y, z⟩ and ⟨z, z⟩ of each channel and window, z being x late."""
        moved = np.pad(self._x, ((0, 0), (late, 0)))[:, : self._x.shape[1]]
        products = (self._x * moved, self._y * moved, moved * moved)
        sums = [self._summed(each) for each in products]
        return sums[0], sums[1], sums[2] + 1e-12

    def path(self, gains: Vector) -> tuple[Vector, Vector]:
        """Return times and delays, samples, of the path with the highest sum of gains.

        Args:
            gains: (windows, delays), of all channels
        """
        unit = float(np.mean(self._energy.sum(axis=0))) + 1e-30
        price = CHANGE_PRICE * 1e3 / self._rate
        path = continuous_path(gains / unit, price)
        middles = np.asarray(self._begins + 0.5 * self._size, np.float64)
        return middles, path.astype(np.float64)
