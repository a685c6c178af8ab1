"""An error with a price for bands far from where they began.

Many settings of twenty bands sound nearly the same. Far from the truth a descent is led to those
that have bands at the ends of their ranges, one against the other, where it then stays.
"""

from dataclasses import dataclass

import numpy as np

from fxchain.matching.joint import AnyObjective
from fxchain.matching.kicks import bands_of
from fxchain.optim.base import Slopes, Squares

#: What it costs, as a share of the loss, to bring a knob of a band from one end to the other.
#: Frequencies and widths have further to go than gains.
PRICES = {"gain_db": 0.1, "q": 0.03, "cutoff_frequency_hz": 0.03}


@dataclass(frozen=True)
class Leaning:
    """The error and the price together; the price is residuals of its own behind the error's.

    Attributes:
        objective: the error
        rest: (dimension,), where nothing is to be paid
        price: (dimension,), of the squared distance from there
    """

    objective: Squares
    rest: np.ndarray
    price: np.ndarray

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return both, (samples + dimension,)."""
        own = (self.price**0.5 * (cube - self.rest)).astype(np.float32)
        return np.concatenate([self.objective.residual(cube), own])

    def slopes(self, cube: np.ndarray, index: np.ndarray) -> "LeaningSlopes":
        """Return the slopes of both."""
        inner = self.objective.slopes(cube, index)
        away, price = cube - self.rest, self.price[index]
        return LeaningSlopes(
            inner,
            index,
            self.price,
            loss=inner.loss + float(self.price @ away**2),
            curvature=inner.curvature + np.diag(price),
            slope=inner.slope + price * away[index],
        )


@dataclass(frozen=True)
class LeaningSlopes:
    """Error and price near a cube, as a plane; see `fxchain.optim.base.Slopes`."""

    inner: Slopes
    index: np.ndarray
    price: np.ndarray
    loss: float
    curvature: np.ndarray
    slope: np.ndarray

    def along(self, residual: np.ndarray) -> np.ndarray:
        """Return columns · another residual (samples + dimension,)."""
        samples = len(residual) - len(self.price)
        own = self.price[self.index] ** 0.5 * residual[samples:][self.index]
        found: np.ndarray = self.inner.along(residual[:samples]) + own
        return found


def leaning(objective: AnyObjective, rest: np.ndarray, cube: np.ndarray) -> Leaning:
    """Return an error with a price for bands away from where they were.

    The price is a share of what is left at the beginning, so that little is paid where little is
    wrong, and nothing in the end.

    Args:
        objective: the error
        rest: (dimension,), where nothing is to be paid
        cube: (dimension,), where a descent begins
    """
    loss = float(objective.losses(cube[None])[0])
    price = np.zeros(len(cube))
    for band in bands_of(objective):
        for coordinate in band:
            price[coordinate] = loss * PRICES.get(objective.slots[coordinate].spec.name, 0.0)
    return Leaning(objective, rest, price)
