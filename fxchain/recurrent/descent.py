"""Second-order steps of the weights of a recurrent network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.chosen_pieces import chosen_pieces, left_out_parts, level_of
from fxchain.recurrent.filters import Alternative
from fxchain.recurrent.trained_piece import Piece, Played

#: The first damping; a step moves a weight at most so far; so many dampings are tried.
DAMPING, LONGEST_STEP, TRIES = 0.1, 1.0, 8
#: A knob moves at most so far in the unit cube.
LONGEST_TURN = 0.25
#: Level at which audio is fed to a cell that is trained, root mean square.
TRAINING_LEVEL = 1.0 / 3.0


@dataclass(frozen=True, eq=False)
class TrainedCell:
    """A cell, and what it leaves.

    Attributes:
        weights: (size,), see `Architecture`
        fitted: error-to-signal ratio on what it was trained on
        left: the same on what was left out
        judged: the same in each part of that
        steps: how many were taken
        cube: (knobs,), of the filters around it
        alternative: number of the one that it was trained with
    """

    weights: np.ndarray
    fitted: float
    left: float
    judged: tuple[float, ...]
    steps: int
    cube: np.ndarray
    alternative: int = 0


class Descent:
    """Levenberg-Marquardt steps of the weights, and of the knobs of the filters around them.

    Args:
        network: what is trained
        weights: (size,), float64
        alternatives: see `train_cell`
        number: of the one that is trained on
        sample_rate: Hz

    Attributes:
        error: error-to-signal ratio behind the last step, on the pieces that it was made for
        steps: how many were taken
        left_out: pieces of what is left out, in parts; none where the recordings are silent
    """

    def __init__(
        self,
        network: Architecture,
        weights: np.ndarray,
        alternatives: Sequence[Alternative],
        number: int,
        sample_rate: int,
    ) -> None:
        self.error, self.steps = np.inf, 0
        chosen = alternatives[number]
        self._around, self._sample_rate = chosen.around, sample_rate
        self._position = np.concatenate([weights, chosen.around.start])
        self._network, self._number, self._damping = network, number, DAMPING
        level = level_of(chosen.recordings)
        self._scale = np.float32(TRAINING_LEVEL / level if level > 0.0 else 1.0)
        self._recordings = [
            replace(each, audio=each.audio * self._scale) for each in chosen.recordings
        ]
        self.left_out = left_out_parts(self._recordings) if level > 0.0 else []

    def pieces(self, count: int, length: int) -> list[Piece]:
        """Return so many pieces of a length in samples; 0: all."""
        return chosen_pieces(self._recordings, count, length)

    def judged(self) -> TrainedCell:
        """Return the cell as it is now, fed with the recordings as they are given."""
        judged = tuple(self.ratio(part) for part in self.left_out)
        energies = [sum(piece.energy for piece in part) for part in self.left_out]
        left = float(np.average(judged, weights=energies))
        weights, cube = self._split(self._position)
        weights[: self._network.inputs] *= self._scale
        weights[-1] *= self._scale
        return TrainedCell(weights, self.error, left, judged, self.steps, cube, self._number)

    def ratio(self, pieces: Sequence[Piece]) -> float:
        """Return the error-to-signal ratio on some pieces."""
        return self._ratio(self._position, pieces)

    def _ratio(self, position: np.ndarray, pieces: Sequence[Piece]) -> float:
        ratio = self._played(position).error(pieces) / _energy(pieces)
        return ratio if np.isfinite(ratio) else np.inf

    def step(self, pieces: Sequence[Piece]) -> float:
        """Take a step, and return the share by which it lowers the error on pieces; 0: none."""
        there, energy = self._played(self._position).linearized(pieces), _energy(pieces)
        error, slope, hessian = there.error / energy, there.slope / energy, there.hessian / energy
        diagonal = np.diag(hessian)
        floor, free = 1e-9 * float(diagonal.max()) + 1e-12, self._free(slope)
        for _ in range(TRIES):
            system = hessian + self._damping * np.diag(diagonal + floor)
            moved = np.zeros_like(slope)
            moved[free] = -np.linalg.solve(system[np.ix_(free, free)], slope[free])
            position = self._moved(moved)
            found = self._ratio(position, pieces)
            if found < error:
                self._position, self.error = position, found
                self._damping = max(self._damping / 3.0, 1e-9)
                self.steps += 1
                return 1.0 - found / error
            self._damping *= 4.0
        self._damping = DAMPING
        return 0.0

    def _free(self, slope: np.ndarray) -> np.ndarray:
        """Return which coordinates may move (size,), bool: not a knob at its end that would leave
        its range."""
        free, size = np.ones(len(slope), dtype=bool), self._network.size
        cube, slope = self._position[size:], slope[size:]
        free[size:] = ~(((cube <= 0.0) & (slope > 0.0)) | ((cube >= 1.0) & (slope < 0.0)))
        return free

    def _moved(self, step: np.ndarray) -> np.ndarray:
        """Return the position behind a step (size,), which is bounded."""
        size = self._network.size
        longest = np.full(len(step), LONGEST_STEP)
        longest[size:] = LONGEST_TURN
        position: np.ndarray = self._position + np.clip(step, -longest, longest)
        position[size:] = np.clip(position[size:], 0.0, 1.0)
        return position

    def _split(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights (size,), float32, and the knobs of the filters around them."""
        size = self._network.size
        return position[:size].astype(np.float32), position[size:].copy()

    def _played(self, position: np.ndarray) -> Played:
        weights, cube = self._split(position)
        return Played(self._network, weights, *self._around.at(cube), self._sample_rate)


def _energy(pieces: Sequence[Piece]) -> float:
    return max(sum(piece.energy for piece in pieces), 1e-20)
