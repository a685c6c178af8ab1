"""An error with a quadratic penalty on equalizer bands and on large branch weights.

    E(x) + Σ λ·(x − x₀)²              over gain, frequency and Q of every band, x in [0, 1]
         + Σ λ_w·max(|w| − 1, 0)²     over the branch weights of mixes

Many settings of twenty bands sound nearly the same. Far from the solution a descent without a
penalty ends where bands at the ends of their ranges cancel each other; likewise two branches of
large weights and opposite signs cancel, which fits what was played and nothing else.
"""

from dataclasses import dataclass

import numpy as np

from fxchain.objectives.band_coordinates import bands_of
from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.base import LeastSquares, Linearization
from fxchain.stage import WEIGHT

#: λ of a control of a band, as a share of the loss where the descent begins; frequencies and Q have
#: further to go than gains.
PENALTY_WEIGHTS = {"gain_db": 0.1, "q": 0.03, "cutoff_frequency_hz": 0.03}
#: λ_w, likewise, and the weight of either sign up to which there is no penalty.
WEIGHT_PENALTY, FREE_WEIGHT = 1.0, 1.0


@dataclass(frozen=True)
class PenalizedError:
    """The error with its penalty, which has residuals √λ·d behind those of the error.

    Attributes:
        objective: the error
        low: (dimension,), the least position without a penalty
        high: (dimension,), the largest; equal to `low` where only x₀ is without one
        penalty: (dimension,), λ
    """

    objective: LeastSquares
    low: np.ndarray
    high: np.ndarray
    penalty: np.ndarray

    def distance(self, cube: np.ndarray) -> np.ndarray:
        """Return d, how far each coordinate is outside of [low, high], signed, (dimension,)."""
        outside: np.ndarray = cube - np.clip(cube, self.low, self.high)
        return outside

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates along which the error's Jacobian is known."""
        return self.objective.jacobian_indices()

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return both residuals, (samples + dimension,)."""
        own = (self.penalty**0.5 * self.distance(cube)).astype(np.float32)
        return np.concatenate([self.objective.residual(cube), own])

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> "PenalizedLinearization":
        """Return both residuals' linearization."""
        inner = self.objective.linearize(cube, index)
        distance = self.distance(cube)
        active = np.where((distance != 0.0) | (self.low == self.high), self.penalty, 0.0)
        penalty = active[index]
        return PenalizedLinearization(
            inner,
            index,
            active,
            loss=inner.loss + float(self.penalty @ distance**2),
            gauss_newton_hessian=inner.gauss_newton_hessian + np.diag(penalty),
            slope=inner.slope + penalty * distance[index],
        )


@dataclass(frozen=True)
class PenalizedLinearization:
    """Error and penalty near a cube; see `fxchain.optim.base.Linearization`."""

    inner: Linearization
    index: np.ndarray
    penalty: np.ndarray
    loss: float
    gauss_newton_hessian: np.ndarray
    slope: np.ndarray

    def project(self, residual: np.ndarray) -> np.ndarray:
        """Return Jᵀ · another residual (samples + dimension,)."""
        samples = len(residual) - len(self.penalty)
        own = self.penalty[self.index] ** 0.5 * residual[samples:][self.index]
        found: np.ndarray = self.inner.project(residual[:samples]) + own
        return found


def with_penalty(
    objective: AnyObjective, unpenalized: np.ndarray, cube: np.ndarray
) -> PenalizedError:
    """Return an error with a penalty on bands that leave a position, and on large weights.

    λ is a share of the error where the descent begins, so that it vanishes with the error.

    Args:
        objective: the error
        unpenalized: (dimension,), x₀, where bands have no penalty
        cube: (dimension,), where the descent begins
    """
    loss = float(objective.losses(cube[None])[0])
    penalty = np.zeros(len(cube))
    low, high = np.array(unpenalized), np.array(unpenalized)
    for band in bands_of(objective):
        for coordinate in band:
            penalty[coordinate] = loss * PENALTY_WEIGHTS.get(
                objective.slots[coordinate].spec.name, 0.0
            )
    for coordinate, slot in enumerate(objective.slots):
        if slot.spec is WEIGHT:
            penalty[coordinate] = loss * WEIGHT_PENALTY
            low[coordinate] = WEIGHT.normalize(-FREE_WEIGHT)
            high[coordinate] = WEIGHT.normalize(FREE_WEIGHT)
    return PenalizedError(objective, low, high, penalty)
