"""Levenberg-Marquardt on a sum of squares inside the unit cube."""

from dataclasses import dataclass

import numpy as np

from fxchain.optim.base import LeastSquares, Linearization, Minimum
from fxchain.optim.budget import BudgetView

#: A coordinate moves at most this far in one step.
LONGEST_STEP = 0.25
#: With a Jacobian that is used again, so many weaker dampings are tried, each a quarter of the one
#: before, …
WEAKER = 3
#: … and so many further steps at most, while the loss falls to this share.
AGAIN, WORTH_ANOTHER = 5, 0.97
#: The share of the loss that a step must gain, on average of a few, for the descent to go on.
TOLERANCE = 2e-3


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Damped Gauss-Newton steps over the coordinates along which the Jacobian is known.

    Attributes:
        steps: at most so many
        damping: first weight of the diagonal of JᵀJ
        tolerance: it has converged when `patience` steps together gained less than this share of
            the loss per step
        patience: see `tolerance`
        reuse_jacobian: try weaker dampings, and further steps with the same Jacobian; pays near
            the minimum, where it changes little
        phase: what progress calls it

    Source:
        Marquardt 1963 (damping scaled by the diagonal of JᵀJ), with coordinates at a bound left
        out of the step while they push outwards (active set, as in Bertsekas' projected Newton
        method). The Jacobian is used again as in Shamanskii 1967, since a residual costs a small
        part of what a Jacobian costs.
    """

    steps: int = 50
    damping: float = 0.1
    tolerance: float = TOLERANCE
    patience: int = 4
    reuse_jacobian: bool = False
    phase: str = "second order"

    def minimize(self, objective: LeastSquares, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Return a minimum never worse than the start; see `Optimizer`."""
        index, damping = objective.jacobian_indices(), self.damping
        here = objective.linearize(cube, index)
        losses = [here.loss]
        budget.begin()
        while len(losses) <= self.steps and not budget.over:
            step = _Step(objective, index, here)
            trial = step.improve(cube, damping, budget)
            if trial is None:
                return Minimum(cube, here.loss, len(losses) - 1, converged=True)
            if self.reuse_jacobian:
                trial = step.again(step.weaker(cube, trial))
            cube, damping = trial.cube, max(trial.damping / 3.0, 1e-9)
            losses.append(trial.loss)
            budget.step(self.phase, trial.loss)
            past = losses[-1 - self.patience] if len(losses) > self.patience else np.inf
            if past - trial.loss < self.patience * self.tolerance * trial.loss:
                return Minimum(cube, trial.loss, len(losses) - 1, converged=True)
            if len(losses) > self.steps or budget.over:
                break
            del step, here  # two Jacobians at a time would take twice the memory
            here = objective.linearize(cube, index)
        return Minimum(cube, losses[-1], len(losses) - 1, converged=len(losses) > self.steps)


@dataclass(frozen=True)
class _Trial:
    """A cube that was tried, the damping that led there, its residual and loss."""

    cube: np.ndarray
    damping: float
    residual: np.ndarray
    loss: float


@dataclass(frozen=True)
class _Step:
    """One linearization, and the steps that are taken with it."""

    objective: LeastSquares
    index: np.ndarray
    here: Linearization

    def _trial(self, cube: np.ndarray, slope: np.ndarray, damping: float) -> _Trial:
        moved, position = cube.copy(), cube[self.index]
        step = damped_step(position, self.here.gauss_newton_hessian, slope, damping, self.here.loss)
        moved[self.index] = np.clip(position + step, 0.0, 1.0)
        residual = self.objective.residual(moved)
        loss = float(np.square(residual, dtype=np.float64).sum())
        return _Trial(moved, damping, residual, loss if np.isfinite(loss) else np.inf)

    def improve(
        self, cube: np.ndarray, damping: float, budget: BudgetView, attempts: int = 7
    ) -> _Trial | None:
        """Return the first better cube while the damping grows, or None."""
        for _ in range(attempts):
            trial = self._trial(cube, self.here.slope, damping)
            if trial.loss < self.here.loss:
                return trial
            damping *= 4.0
            if budget.over:
                return None
        return None

    def weaker(self, cube: np.ndarray, best: _Trial) -> _Trial:
        """Return the best cube while the damping shrinks."""
        for _ in range(WEAKER):
            trial = self._trial(cube, self.here.slope, max(best.damping / 4.0, 1e-9))
            if not trial.loss < best.loss:
                break
            best = trial
        return best

    def again(self, best: _Trial) -> _Trial:
        """Take further steps with the same Jacobian while that pays."""
        for _ in range(AGAIN):
            trial = self._trial(best.cube, self.here.project(best.residual), best.damping)
            if not trial.loss < WORTH_ANOTHER * best.loss:
                break
            best = trial
        return best


def damped_step(
    position: np.ndarray,
    gauss_newton_hessian: np.ndarray,
    slope: np.ndarray,
    damping: float,
    loss: float,
) -> np.ndarray:
    """Return the damped Gauss-Newton step (moved,), bounded, that does not leave the cube."""
    diagonal = np.diag(gauss_newton_hessian)
    system = gauss_newton_hessian + damping * np.diag(diagonal + 1e-3 * loss + 1e-12)
    free = np.ones(len(position), dtype=bool)
    step = np.zeros(len(position))
    for _ in range(6):
        step[:] = 0.0
        if not free.any():
            return step
        step[free] = -np.linalg.solve(system[np.ix_(free, free)], slope[free])
        outward = free & (((position <= 0.0) & (step < 0.0)) | ((position >= 1.0) & (step > 0.0)))
        if not outward.any():
            break
        free &= ~outward
    return np.clip(step, -LONGEST_STEP, LONGEST_STEP)
