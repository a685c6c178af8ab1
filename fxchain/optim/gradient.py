"""First-order descent inside the unit cube: Adam."""

import numpy as np

from fxchain.optim.base import BudgetView, SlopedObjective


def adam(
    objective: SlopedObjective,
    cube: np.ndarray,
    index: np.ndarray,
    meter: BudgetView,
    *,
    steps: int = 40,
    rate: float = 0.03,
    phase: str = "gradient",
) -> np.ndarray:
    """Move `index` downhill and return the best cube met.

    Args:
        objective: gives a loss and its gradient
        cube: (dimension,), where to start
        index: coordinates that may move
        meter: the budget
        steps: at most so many
        rate: length of a step in the cube at the start; it falls to a tenth by a cosine
        phase: what progress calls it

    Returns:
        (dimension,), never worse than the start

    Source:
        Kingma and Ba 2015, β = (0.9, 0.99), clamped to the cube after each step.
    """
    cube = cube.copy()
    best, best_loss = cube.copy(), np.inf
    mean, square = np.zeros(len(index)), np.zeros(len(index))
    meter.begin()
    for number in range(1, steps + 1):
        if meter.over:
            break
        loss, gradient = objective.gradient(cube)
        if loss < best_loss:
            best, best_loss = cube.copy(), loss
        meter.step(phase, best_loss)
        slope = gradient[index]
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        direction = (mean / (1 - 0.9**number)) / (np.sqrt(square / (1 - 0.99**number)) + 1e-12)
        falling = rate * (0.55 + 0.45 * np.cos(np.pi * number / steps))
        cube[index] = np.clip(cube[index] - falling * direction, 0.0, 1.0)
    return best
