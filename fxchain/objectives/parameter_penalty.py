"""An error with a price for bands far from where they began, and for loud branches.

Many settings of twenty bands sound nearly the same. Far from the truth a descent is led to those
that have bands at the ends of their ranges, one against the other, where it then stays. The same
holds for the branches of a sum: at great weights of either sign one undoes the other, which fits
what was played and nothing else.
"""

from dataclasses import dataclass

import numpy as np

from fxchain.objectives.band_coordinates import bands_of
from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.base import LeastSquares, Linearization
from fxchain.stage import WEIGHT

#: What it costs, as a share of the loss, to bring a knob of a band from one end to the other.
#: Frequencies and widths have further to go than gains.
PENALTY_WEIGHTS = {"gain_db": 0.1, "q": 0.03, "cutoff_frequency_hz": 0.03}
#: The same for the weight of a branch, paid for what exceeds this weight of either sign: branches
#: seldom need more but to undo each other.
WEIGHT_PRICE, FREE_WEIGHT = 1.0, 1.0


@dataclass(frozen=True)
class PenalizedError:
    """The error and the price together; the price is residuals of its own behind the error's.

    Attributes:
        objective: the error
        low: (dimension,), from here on nothing is to be paid
        high: (dimension,), up to here; as `low` where only one place is free
        price: (dimension,), of the squared distance from what is free
    """

    objective: LeastSquares
    low: np.ndarray
    high: np.ndarray
    price: np.ndarray

    def away(self, cube: np.ndarray) -> np.ndarray:
        """Return how far each coordinate is outside what is free, with its sign, (dimension,)."""
        outside: np.ndarray = cube - np.clip(cube, self.low, self.high)
        return outside

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates along which the error's Jacobian is known."""
        return self.objective.jacobian_indices()

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return both, (samples + dimension,)."""
        own = (self.price**0.5 * self.away(cube)).astype(np.float32)
        return np.concatenate([self.objective.residual(cube), own])

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> "PenalizedLinearization":
        """Return the slopes of both."""
        inner = self.objective.linearize(cube, index)
        away = self.away(cube)
        paid = np.where((away != 0.0) | (self.low == self.high), self.price, 0.0)
        price = paid[index]
        return PenalizedLinearization(
            inner,
            index,
            paid,
            loss=inner.loss + float(self.price @ away**2),
            gauss_newton_hessian=inner.gauss_newton_hessian + np.diag(price),
            slope=inner.slope + price * away[index],
        )


@dataclass(frozen=True)
class PenalizedLinearization:
    """Error and price near a cube, as a plane; see `fxchain.optim.base.Slopes`."""

    inner: Linearization
    index: np.ndarray
    price: np.ndarray
    loss: float
    gauss_newton_hessian: np.ndarray
    slope: np.ndarray

    def project(self, residual: np.ndarray) -> np.ndarray:
        """Return columns · another residual (samples + dimension,)."""
        samples = len(residual) - len(self.price)
        own = self.price[self.index] ** 0.5 * residual[samples:][self.index]
        found: np.ndarray = self.inner.project(residual[:samples]) + own
        return found


def with_penalty(objective: AnyObjective, rest: np.ndarray, cube: np.ndarray) -> PenalizedError:
    """Return an error with a price for bands away from where they were, and for great weights.

    The price is a share of what is left at the beginning, so that little is paid where little is
    wrong, and nothing in the end.

    Args:
        objective: the error
        rest: (dimension,), where nothing is to be paid for bands
        cube: (dimension,), where a descent begins
    """
    loss = float(objective.losses(cube[None])[0])
    price, low, high = np.zeros(len(cube)), np.array(rest), np.array(rest)
    for band in bands_of(objective):
        for coordinate in band:
            price[coordinate] = loss * PENALTY_WEIGHTS.get(
                objective.slots[coordinate].spec.name, 0.0
            )
    for coordinate, slot in enumerate(objective.slots):
        if slot.spec is WEIGHT:
            price[coordinate] = loss * WEIGHT_PRICE
            low[coordinate] = WEIGHT.normalize(-FREE_WEIGHT)
            high[coordinate] = WEIGHT.normalize(FREE_WEIGHT)
    return PenalizedError(objective, low, high, price)
