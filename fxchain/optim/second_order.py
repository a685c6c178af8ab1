"""Levenberg-Marquardt on a sum of squares inside the unit cube."""

from dataclasses import dataclass

import numpy as np

from fxchain.optim.base import Meter, SquaresObjective

#: A coordinate moves at most this far in one step.
LONGEST_STEP = 0.25


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
    objective: SquaresObjective,
    cube: np.ndarray,
    index: np.ndarray,
    meter: Meter,
    *,
    steps: int = 50,
    damping: float = 0.1,
    tolerance: float = 2e-3,
    patience: int = 4,
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
        phase: what progress calls it

    Returns:
        a point never worse than the start, inside the cube

    Source:
        Marquardt 1963 (damping scaled by the curvature's diagonal), with coordinates at a bound
        left out of the step while they push outwards (active set, as in Bertsekas' projected
        Newton method).
    """
    loss, curvature, slope = objective.normal(cube, index)
    losses = [loss]
    meter.begin()
    while len(losses) <= steps and not meter.over:
        proposal = _improve(objective, cube, index, loss, curvature, slope, damping, meter)
        if proposal is None:
            return Descent(cube, loss, len(losses) - 1, converged=True)
        cube, damping = proposal
        loss, curvature, slope = objective.normal(cube, index)
        losses.append(loss)
        meter.step(phase, loss)
        if len(losses) > patience and losses[-1 - patience] - loss < patience * tolerance * loss:
            return Descent(cube, loss, len(losses) - 1, converged=True)
    return Descent(cube, loss, len(losses) - 1, converged=len(losses) > steps)


def _improve(
    objective: SquaresObjective,
    cube: np.ndarray,
    index: np.ndarray,
    loss: float,
    curvature: np.ndarray,
    slope: np.ndarray,
    damping: float,
    meter: Meter,
    attempts: int = 7,
) -> tuple[np.ndarray, float] | None:
    """Return a better cube and the damping to go on with, or None."""
    for _ in range(attempts):
        moved = cube.copy()
        step = damped_step(cube[index], curvature, slope, damping, loss)
        moved[index] = np.clip(cube[index] + step, 0.0, 1.0)
        if float(objective.losses(moved[None])[0]) < loss:
            return moved, max(damping / 3.0, 1e-9)
        damping *= 4.0
        if meter.over:
            return None
    return None


def damped_step(
    position: np.ndarray, curvature: np.ndarray, slope: np.ndarray, damping: float, loss: float
) -> np.ndarray:
    """Return the Gauss-Newton step, damped, bounded and tangent to the cube's walls."""
    diagonal = np.diag(curvature)
    system = curvature + damping * np.diag(diagonal + 1e-3 * loss + 1e-12)
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
