"""The error over the end of a chain; what stands before it is played only once."""

import numpy as np

from fxchain.objectives.mean_error import AnyObjective
from fxchain.structure.series import seen_by_autograd


class TailObjective:
    """The error over the coordinates of the chain's end, affine controls solved.

    The end begins with the first stage of which autograd does not see every control. Controls that
    the output is affine in (mix, wet and dry levels, weights) are solved by least squares for every
    cube, so that evolution searches only the others.

    Args:
        whole: the objective of the whole chain
        cube: (dimension,) of the whole; the beginning of the chain stays there
    """

    def __init__(self, whole: AnyObjective, cube: np.ndarray) -> None:
        count, size = seen_by_autograd(whole.stage)
        self._end = whole.end(count, cube)
        self._offset = int(whole.free[:size].sum())
        self._cube = np.array(cube)
        self._affine = np.flatnonzero([slot.affine for slot in self._end.slots])
        everywhere = np.flatnonzero([slot.affine for slot in whole.slots])
        self._evolved = np.setdiff1d(whole.evolution_indices(), everywhere)

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates that autograd does not see and that are not solved."""
        return self._evolved

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of whole cubes, affine controls solved."""
        return np.array([self.solved(cube)[1] for cube in population])

    def solved(self, cube: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the cube with its affine controls solved, and its loss."""
        end = np.array(cube[self._offset :])
        loss = float(self._end.losses(end[None])[0])
        if len(self._affine):
            plane = self._end.linearize(end, self._affine)
            hessian = plane.gauss_newton_hessian
            ridge = 1e-6 * np.trace(hessian) + 1e-12
            step = -np.linalg.solve(hessian + ridge * np.eye(len(self._affine)), plane.slope)
            moved = end.copy()
            moved[self._affine] = np.clip(end[self._affine] + step, 0.0, 1.0)
            moved_loss = float(self._end.losses(moved[None])[0])
            if moved_loss < loss:
                end, loss = moved, moved_loss
        out = self._cube.copy()
        out[self._offset :] = end
        return out, loss

    def unsolved_loss(self, cube: np.ndarray) -> float:
        """Return the loss with every control as it is."""
        return float(self._end.losses(np.array(cube[self._offset :])[None])[0])
