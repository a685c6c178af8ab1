"""First-order descent inside the unit cube: Adam."""

from dataclasses import dataclass

import numpy as np

from fxchain.optim.base import DifferentiableObjective, Minimum
from fxchain.optim.budget import BudgetView


@dataclass(frozen=True)
class Adam:
    """Adam over the coordinates that autograd sees.

    Attributes:
        steps: at most so many
        rate: length of a step in the cube at the start; it falls to a tenth by a cosine
        phase: what progress calls it

    Source:
        Kingma and Ba 2015, β = (0.9, 0.99), clamped to the cube after each step.
    """

    steps: int = 40
    rate: float = 0.03
    phase: str = "gradient"

    def minimize(
        self, objective: DifferentiableObjective, cube: np.ndarray, budget: BudgetView
    ) -> Minimum:
        """Return the best cube met; see `Optimizer`."""
        index, cube = objective.autograd_indices(), cube.copy()
        best, best_loss, taken = cube.copy(), np.inf, 0
        if not len(index):
            return Minimum(best, best_loss, converged=True)
        mean, square = np.zeros(len(index)), np.zeros(len(index))
        budget.begin()
        for number in range(1, self.steps + 1):
            if budget.over:
                break
            loss, gradient = objective.gradient(cube)
            if loss < best_loss:
                best, best_loss = cube.copy(), loss
            budget.step(self.phase, best_loss)
            taken = number
            slope = gradient[index]
            mean = 0.9 * mean + 0.1 * slope
            square = 0.99 * square + 0.01 * slope**2
            direction = (mean / (1 - 0.9**number)) / (np.sqrt(square / (1 - 0.99**number)) + 1e-12)
            falling = self.rate * (0.55 + 0.45 * np.cos(np.pi * number / self.steps))
            cube[index] = np.clip(cube[index] - falling * direction, 0.0, 1.0)
        return Minimum(best, best_loss, taken, converged=taken == self.steps)
