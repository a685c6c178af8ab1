"""Levenberg-Marquardt on a sum of squares inside the unit cube."""

from dataclasses import dataclass

import numpy as np

from fxchain.optim.base import BudgetView, LeastSquares, Linearization

#: A coordinate moves at most this far in one step.
LONGEST_STEP = 0.25
#: A bold step tries so many weaker dampings, each a quarter of the one before, …
WEAKER = 3
#: … and goes on with the same slopes at most so often, while the loss falls to this share.
AGAIN, WORTH_ANOTHER = 5, 0.97
#: The share of the loss that a step must gain, on average of a few, for the descent to go on.
TOLERANCE = 2e-3


@dataclass(frozen=True)
class Descent:
    """Where a descent ended.

    Attributes:
        cube: (dimension,)
        loss: the objective's loss there
        steps: how many were taken
        converged: it ended by itself, not by the budget
    """

    cube: np.ndarray
    loss: float
    steps: int
    converged: bool


def levenberg_marquardt(
    objective: LeastSquares,
    cube: np.ndarray,
    index: np.ndarray,
    meter: BudgetView,
    *,
    steps: int = 50,
    damping: float = 0.1,
    tolerance: float = TOLERANCE,
    patience: int = 4,
    bold: bool = False,
    phase: str = "second order",
) -> Descent:
    """Walk downhill by damped Gauss-Newton steps.

    Args:
        objective: a sum of squares
        cube: (dimension,), where to start
        index: coordinates that may move
        meter: the budget
        steps: at most so many
        damping: first weight of the diagonal against the curvature
        tolerance: it has converged when `patience` steps together gained less than this share
            per step
        patience: see `tolerance`
        bold: make the most of each set of slopes; pays near the bottom, where slopes change little
        phase: what progress calls it

    Returns:
        a point never worse than the start, inside the cube

    Source:
        Marquardt 1963 (damping scaled by the curvature's diagonal), with coordinates at a bound
        left out of the step while they push outwards (active set, as in Bertsekas' projected
        Newton method). Bold steps go on with old slopes as Shamanskii 1967 does, since a residual
        costs a small part of what slopes cost.
    """
    here = objective.linearize(cube, index)
    losses = [here.loss]
    meter.begin()
    while len(losses) <= steps and not meter.over:
        walk = _Walk(objective, index, here)
        trial = walk.improve(cube, damping, meter)
        if trial is None:
            return Descent(cube, here.loss, len(losses) - 1, converged=True)
        if bold:
            trial = walk.again(walk.weaker(cube, trial))
        cube, damping = trial.cube, max(trial.damping / 3.0, 1e-9)
        del walk, here
        here = objective.linearize(cube, index)
        losses.append(here.loss)
        meter.step(phase, here.loss)
        past = losses[-1 - patience] if len(losses) > patience else np.inf
        if past - here.loss < patience * tolerance * here.loss:
            return Descent(cube, here.loss, len(losses) - 1, converged=True)
    return Descent(cube, here.loss, len(losses) - 1, converged=len(losses) > steps)


@dataclass(frozen=True)
class _Trial:
    """A cube that was tried, the damping that led there, its residual and loss."""

    cube: np.ndarray
    damping: float
    residual: np.ndarray
    loss: float


@dataclass(frozen=True)
class _Walk:
    """Steps that share one set of slopes."""

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
        self, cube: np.ndarray, damping: float, meter: BudgetView, attempts: int = 7
    ) -> _Trial | None:
        """Return the first better cube while the damping grows, or None."""
        for _ in range(attempts):
            trial = self._trial(cube, self.here.slope, damping)
            if trial.loss < self.here.loss:
                return trial
            damping *= 4.0
            if meter.over:
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
        """Go on from a cube with the same slopes while that pays."""
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
    """Return the Gauss-Newton step, damped, bounded and tangent to the cube's walls."""
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
