"""A sum of squares whose Jacobian comes from finite differences."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fxchain.optim.dense_linearization import DenseLinearization

#: Length of a difference, in the cube.
STEP = 1e-3


@dataclass(frozen=True)
class ResidualObjective:
    """‖r(cube)‖² for second-order steps and evolution over some coordinates.

    Attributes:
        function: cube -> (samples,)
        moved: the coordinates that may move
    """

    function: Callable[[np.ndarray], np.ndarray]
    moved: np.ndarray

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return r, (samples,)."""
        return self.function(cube)

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes (population, coordinates)."""
        return np.array([float(np.square(self.function(cube)).sum()) for cube in population])

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> DenseLinearization:
        """Return r and its differences along coordinates, taken into the cube."""
        here = self.function(cube)
        jacobian = np.zeros((len(here), len(index)))
        for column, coordinate in enumerate(index):
            beside = cube.copy()
            step = STEP if cube[coordinate] + STEP <= 1.0 else -STEP
            beside[coordinate] += step
            jacobian[:, column] = (self.function(beside) - here) / step
        return DenseLinearization(here, jacobian)

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates that may move."""
        return self.moved

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates that may move."""
        return self.moved
