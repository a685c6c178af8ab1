"""The error over the end of a chain; what stands before it is played only once."""

import numpy as np

from fxchain.objectives.mean_error import AnyObjective
from fxchain.structure.series import top_stages


class TailObjective:
    """The error over the coordinates of the chain's end, straight-line controls solved.

    Args:
        whole: the objective of the whole chain
        cube: (dimension,) of the whole; the beginning of the chain stays there
    """

    def __init__(self, whole: AnyObjective, cube: np.ndarray) -> None:
        split, place = 0, 0
        for stage in top_stages(whole.stage):
            if any(not slot.autograd_sees for slot in stage.slots()):
                break
            split, place = split + 1, place + stage.size
        self._end = whole.end(split, cube)
        self._offset = int(whole.free[:place].sum())
        self._cube = np.array(cube)
        self._lines = np.flatnonzero([slot.affine for slot in self._end.slots])

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of whole cubes, straight-line controls solved."""
        return np.array([self.solved(cube)[1] for cube in population])

    def solved(self, cube: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the cube with its straight-line controls solved, and its loss."""
        end = np.array(cube[self._offset :])
        loss = float(self._end.losses(end[None])[0])
        if len(self._lines):
            slopes = self._end.linearize(end, self._lines)
            gauss_newton_hessian, slope = slopes.gauss_newton_hessian, slopes.slope
            ridge = 1e-6 * np.trace(gauss_newton_hessian) + 1e-12
            step = -np.linalg.solve(gauss_newton_hessian + ridge * np.eye(len(self._lines)), slope)
            moved = end.copy()
            moved[self._lines] = np.clip(end[self._lines] + step, 0.0, 1.0)
            moved_loss = float(self._end.losses(moved[None])[0])
            if moved_loss < loss:
                end, loss = moved, moved_loss
        out = self._cube.copy()
        out[self._offset :] = end
        return out, loss

    def unsolved_loss(self, cube: np.ndarray) -> float:
        """Return the loss with every control as it is."""
        return float(self._end.losses(np.array(cube[self._offset :])[None])[0])
