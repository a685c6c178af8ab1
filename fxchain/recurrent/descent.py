"""Second-order steps of the weights of a recurrent network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.dsp.thread_pool import map_threads
from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.chosen_pieces import chosen_pieces, left_out_parts, level_of
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.response import Response, solved_response
from fxchain.recurrent.rest import linearize_rest
from fxchain.recurrent.trained_piece import Piece, PieceError, error_of, linearized

#: The first damping; a step moves a weight at most so far; so many dampings are tried.
DAMPING, LONGEST_STEP, TRIES = 0.1, 1.0, 8
#: All that is trained on is divided into pieces of this length, s.
PIECE_SECONDS = 0.5
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
        alternative: number of the recordings that it was trained on
        response: behind the cell; None: none
    """

    weights: np.ndarray
    fitted: float
    left: float
    judged: tuple[float, ...]
    steps: int
    alternative: int = 0
    response: Response | None = None


class Descent:
    """Levenberg-Marquardt steps of the weights.

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
        response: behind the network; None: none
    """

    def __init__(
        self,
        network: Architecture,
        weights: np.ndarray,
        alternatives: Sequence[Sequence[Recording]],
        number: int,
        sample_rate: int,
    ) -> None:
        self.error, self.steps = np.inf, 0
        self.response: Response | None = None
        self._weights, self._sample_rate = weights, sample_rate
        self._network, self._number, self._damping = network, number, DAMPING
        level = level_of(alternatives[number])
        self._scale = np.float32(TRAINING_LEVEL / level if level > 0.0 else 1.0)
        self._recordings = [
            replace(each, audio=each.audio * self._scale) for each in alternatives[number]
        ]
        self.left_out = left_out_parts(self._recordings) if level > 0.0 else []

    @classmethod
    def behind(
        cls,
        cell: TrainedCell,
        recordings: Sequence[Recording],
        network: Architecture,
        sample_rate: int,
    ) -> "Descent":
        """Return steps that begin with a cell, on all of recordings that are not silent: their ends
        are not left out."""
        whole = [replace(each, left_out=0.0) for each in recordings]
        search = cls(network, cell.weights.astype(np.float64), [whole], 0, sample_rate)
        search._weights[: network.inputs] /= search._scale
        search._weights[-1] /= search._scale
        search.response = cell.response
        return search

    def pieces(self, count: int, length: int) -> list[Piece]:
        """Return so many pieces of a length in samples."""
        return chosen_pieces(self._recordings, count, length)

    def everything(self) -> list[Piece]:
        """Return pieces of all that is trained on."""
        return chosen_pieces(self._recordings, 0, round(PIECE_SECONDS * self._sample_rate))

    def judged(self) -> TrainedCell:
        """Return the cell as it is now, fed with the recordings as they are given."""
        judged = tuple(self.ratio(part) for part in self.left_out)
        energies = [sum(piece.energy for piece in part) for part in self.left_out]
        left = float(np.average(judged, weights=energies))
        steps, number = self.steps, self._number
        return TrainedCell(self.weights, self.error, left, judged, steps, number, self.response)

    @property
    def weights(self) -> np.ndarray:
        """Return those for the recordings as they are given, float32."""
        weights = self._single
        weights[: self._network.inputs] *= self._scale
        weights[-1] *= self._scale
        return weights

    def respond(self) -> None:
        """Solve the response behind the network anew, from all that is trained on."""
        single, recorded = self._single, [each for each in self._recordings if not each.assumed]
        state, level = self._network.resting(single)
        outputs = map_threads(
            lambda each: self._network.run_from(each.audio[: each.end], single, state) - level,
            recorded,
        )
        self.response = solved_response(recorded, outputs, self._sample_rate) or self.response

    @property
    def _single(self) -> np.ndarray:
        return self._weights.astype(np.float32)

    def ratio(self, pieces: Sequence[Piece]) -> float:
        """Return the error-to-signal ratio on some pieces."""
        return self._ratio(self._weights, pieces)

    def _ratio(self, weights: np.ndarray, pieces: Sequence[Piece]) -> float:
        single, network = weights.astype(np.float32), self._network
        how = (network.resting(single), self._sample_rate, self.response)
        found = map_threads(lambda piece: error_of(piece, network, single, *how), pieces)
        ratio = sum(found) / max(sum(piece.energy for piece in pieces), 1e-20)
        return ratio if np.isfinite(ratio) else np.inf

    def step(self, pieces: Sequence[Piece]) -> float:
        """Take a step, and return the share by which it lowers the error on pieces; 0: none."""
        there = self._linearized(pieces)
        diagonal = np.diag(there.hessian)
        floor = 1e-9 * float(diagonal.max()) + 1e-12
        for _ in range(TRIES):
            system = there.hessian + self._damping * np.diag(diagonal + floor)
            moved = -np.linalg.solve(system, there.slope)
            weights = self._weights + np.clip(moved, -LONGEST_STEP, LONGEST_STEP)
            error = self._ratio(weights, pieces)
            if error < there.error:
                self._weights, self.error = weights, error
                self._damping = max(self._damping / 3.0, 1e-9)
                self.steps += 1
                return 1.0 - error / there.error
            self._damping *= 4.0
        self._damping = DAMPING
        return 0.0

    def _linearized(self, pieces: Sequence[Piece]) -> PieceError:
        single, network = self._single, self._network
        how = (linearize_rest(network, single), self._sample_rate, self.response)
        found = map_threads(lambda piece: linearized(piece, network, single, *how), pieces)
        energy = max(sum(piece.energy for piece in pieces), 1e-20)
        return PieceError(
            sum(each.error for each in found) / energy,
            np.sum([each.slope for each in found], axis=0) / energy,
            np.sum([each.hessian for each in found], axis=0) / energy,
        )
