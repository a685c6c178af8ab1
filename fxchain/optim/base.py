"""The contracts of this package: what is minimised, and what minimises it.

Everything takes place in the unit cube: a *cube* is a vector of positions in [0, 1]. Nothing here
knows about audio.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from fxchain.optim.budget import BudgetView


class Objective(Protocol):
    """What is to be minimised."""

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes (population, dimension)."""
        ...


class EvolvableObjective(Objective, Protocol):
    """An objective with coordinates of which no derivative is known."""

    def evolution_indices(self) -> np.ndarray:
        """Return those coordinates."""
        ...


class DifferentiableObjective(Objective, Protocol):
    """An objective with a gradient of its (possibly different, smoother) loss."""

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient (dimension,)."""
        ...

    def autograd_indices(self) -> np.ndarray:
        """Return the coordinates that the gradient is right for."""
        ...


class Linearization(Protocol):
    """A residual near a cube, r(x + d) ≈ r + J·d: what a Gauss-Newton step needs."""

    @property
    def loss(self) -> float:
        """Return ‖r‖²."""
        ...

    @property
    def gauss_newton_hessian(self) -> np.ndarray:
        """Return Jᵀ·J, (moved, moved)."""
        ...

    @property
    def slope(self) -> np.ndarray:
        """Return Jᵀ·r, (moved,)."""
        ...

    def project(self, residual: np.ndarray) -> np.ndarray:
        """Return Jᵀ · another residual (samples,)."""
        ...


class LeastSquares(Protocol):
    """A sum of squares, for second-order steps."""

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return the residual r, (samples,); the loss is ‖r‖²."""
        ...

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> Linearization:
        """Return the residual and its Jacobian along the coordinates `index`."""
        ...

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates along which the Jacobian is known."""
        ...


@dataclass(frozen=True)
class Minimum:
    """Where an optimizer ended.

    Attributes:
        cube: (dimension,)
        loss: what the optimizer minimised, there
        steps: how many were taken
        converged: it ended by itself, not by the budget
    """

    cube: np.ndarray
    loss: float
    steps: int = 0
    converged: bool = False


class Optimizer(Protocol):
    """A way to minimise an objective: gradient descent, second-order steps, evolution, or a loop
    over such.

    What an optimizer needs of its objective is one of the protocols above. An instance holds its
    settings only, so that it can be used again and in several threads.
    """

    def minimize(self, objective: Any, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Move the coordinates that this optimizer can move.

        Args:
            objective: what is minimised
            cube: (dimension,), where to start
            budget: counts the steps and says when they are over

        Returns:
            a minimum inside the cube
        """
        ...
