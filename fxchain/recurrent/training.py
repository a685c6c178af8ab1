"""A recurrent cell trained by second-order steps, on ever more of some recordings.

Where steps lead depends on the drawn weights and on the latency of the recordings. So several
starts are tried, and ever fewer of them go on (successive halving). It begins with a few short
pieces, since steps on them are quick. They double where they have nothing more to tell: where a
step gains little, or where the weights already suit them better than what lies between them. So it
ends with all that is trained on. The end of each recording is left out, and the weights are kept
that leave the least there.

Source:
    Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
    optimization", 2016: successive halving.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from fxchain.dsp.thread_pool import map_threads
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.recurrence import resting
from fxchain.recurrent.sensitivities import linearize_rest
from fxchain.recurrent.trained_piece import Piece, PieceError, error_of, linearized
from fxchain.recurrent.weights import Layout, drawn_weights

#: Number and length, s, of the first pieces. They double where a step lowers the error on them by
#: less than this share, or where so many times as many pieces are left by more than 1.5 times that.
BEGINNING, LEAST_GAIN, WIDER, OVERFIT = (4, 0.15), 0.03, 4, 1.5
#: So many cells begin; behind so many steps on the first pieces half of those that are left go on.
STARTS, TRIAL = 4, 16
#: A piece with no more than this share of the energy of the loudest one is silent.
SILENT = 1e-6
#: All that is trained on is divided into pieces of this length, s.
PIECE_SECONDS = 0.5
#: In how many parts the ends of the recordings, which are left out, are judged: where notes decay
#: they have different levels.
PARTS = 4
#: The training ends when so many steps did not lower the error on what was left out.
PATIENCE = 8
#: The first damping; a step moves a weight at most so far; so many dampings are tried.
DAMPING, LONGEST_STEP, TRIES = 0.1, 1.0, 8
#: Level at which audio is fed to a cell that is trained, root mean square.
TRAINING_LEVEL = 1.0 / 3.0


@dataclass(frozen=True, eq=False)
class TrainedCell:
    """A cell, and what it leaves.

    Attributes:
        weights: (size,), see `Layout`
        fitted: error-to-signal ratio on what it was trained on
        left: the same on what was left out
        judged: the same in each part of that
        steps: how many were taken
        alternative: number of the recordings that it was trained on
    """

    weights: np.ndarray
    fitted: float
    left: float
    judged: tuple[float, ...]
    steps: int
    alternative: int = 0


def train_cell(
    alternatives: Sequence[Sequence[Recording]],
    sample_rate: int,
    units: int,
    rng: np.random.Generator,
    over: Callable[[float], bool] = lambda left: False,
    report: Callable[[float], None] = lambda error: None,
    enough: float = np.inf,
) -> TrainedCell | None:
    """Train a cell on recordings of one device.

    Args:
        alternatives: the recordings, at least one, as they may be aligned
        sample_rate: Hz, of all
        units: of the cell
        rng: draws the first weights
        over: tells when to end, from what the best cell so far leaves on what was left out
        report: told the error behind each step
        enough: the training ends early where the cell leaves more than this on what was left out
            when steps on all that is trained on begin

    Returns:
        the cell; None where there is nothing to train on, or time ended before the first step
    """
    layout = Layout(units)
    searches = [
        _Descent(layout, drawn_weights(layout, rng), alternatives, start % len(alternatives))
        for start in range(STARTS)
    ]
    searches = [each for each in searches if each.left_out]
    best: TrainedCell | None = None

    def advance(search: _Descent, pieces: Sequence[Piece]) -> float:
        if over(np.inf if best is None else best.left):
            return 0.0
        gained = search.step(pieces, sample_rate)
        if gained:
            report(search.error)
        return gained

    sizes = _sizes(sample_rate)
    size = next(sizes)
    while len(searches) > 1:
        for each in searches:
            pieces = each.pieces(*size)
            for _ in range(TRIAL):
                if not advance(each, pieces):
                    break
        searches = sorted(searches, key=lambda each: each.error)[: len(searches) // 2]
    if not searches or not searches[0].steps:
        return None
    (search,) = searches
    everything = search.pieces(0, round(PIECE_SECONDS * sample_rate))
    pieces = search.pieces(*size)
    best = search.judged(sample_rate)
    while _length(pieces) < _length(everything) and not over(best.left):
        count, length = size
        if advance(search, pieces) < LEAST_GAIN or search.misses(
            search.pieces(WIDER * count, length), sample_rate
        ):
            size = next(sizes)
            pieces = search.pieces(*size)
        best = min(best, search.judged(sample_rate), key=_left)
    while best.left <= enough and search.steps < best.steps + PATIENCE:
        if not advance(search, everything):
            break
        best = min(best, search.judged(sample_rate), key=_left)
    return best


@cache
def compile_training() -> None:
    """Load or compile what a training calls, once in a process, before it is timed."""
    linearize_rest(np.zeros(Layout(1).size, np.float32))


def left_out_parts(recordings: Sequence[Recording]) -> list[list[Piece]]:
    """Return the parts of what is left out, with a piece of each recording; none that is silent."""
    parts: list[list[Piece]] = [[] for _ in range(PARTS)]
    for each in recordings:
        if each.assumed:
            continue
        edges = np.linspace(each.end, len(each.audio), PARTS + 1).round().astype(int).tolist()
        for part, begin, end in zip(parts, edges, edges[1:], strict=False):
            part.append(Piece(each, begin, end))
    energies = [sum(piece.energy for piece in part) for part in parts]
    kept = zip(parts, energies, strict=True)
    return [part for part, energy in kept if energy > SILENT * max(energies)]


def _sizes(sample_rate: int) -> Iterator[tuple[int, int]]:
    """Yield numbers and lengths, samples, of pieces, each about twice as much as before."""
    count, seconds = BEGINNING
    while True:
        yield count, round(seconds * sample_rate)
        if seconds < PIECE_SECONDS:
            seconds = min(2.0 * seconds, PIECE_SECONDS)
        else:
            count *= 2


def _length(pieces: Sequence[Piece]) -> int:
    return sum(piece.end - piece.begin for piece in pieces)


def _left(cell: TrainedCell) -> float:
    return cell.left


def _level(recordings: Sequence[Recording]) -> float:
    parts = [each.audio[each.gain > 0.0] for each in recordings if not each.assumed]
    heard = np.concatenate(parts) if parts else np.zeros(0)
    return float(np.sqrt(np.mean(np.square(heard, dtype=np.float64)))) if len(heard) else 0.0


def _pieces(recordings: Sequence[Recording], count: int, length: int) -> list[Piece]:
    """Return so many pieces of what was recorded, 0: all, and a quarter as many of the rest."""
    recorded = _evenly([each for each in recordings if not each.assumed], count, length)
    assumed = [each for each in recordings if each.assumed]
    return recorded + _evenly(assumed, max(len(recorded) // 4, 1), length)


def _evenly(recordings: Sequence[Recording], count: int, length: int) -> list[Piece]:
    """Return so many pieces of what is trained on that are not silent, evenly over time; 0: all."""
    whole = [
        Piece(each, begin, min(begin + length, each.end))
        for each in recordings
        for begin in range(int(np.argmax(each.gain > 0.0)), each.end, length)
    ]
    loudest = max((piece.energy for piece in whole), default=0.0)
    heard = [piece for piece in whole if piece.energy > SILENT * loudest]
    if not count or count >= len(heard):
        return heard
    return [heard[place] for place in np.linspace(0, len(heard) - 1, count).round().astype(int)]


class _Descent:
    """Levenberg-Marquardt steps of the weights.

    Args:
        layout: of the weights
        weights: (size,), float64
        alternatives: see `train_cell`
        number: of the one that is trained on
    """

    def __init__(
        self,
        layout: Layout,
        weights: np.ndarray,
        alternatives: Sequence[Sequence[Recording]],
        number: int,
    ) -> None:
        self.weights, self.error, self.steps = weights, np.inf, 0
        self._layout, self._number, self._damping = layout, number, DAMPING
        level = _level(alternatives[number])
        self._scale = np.float32(TRAINING_LEVEL / level if level > 0.0 else 1.0)
        self._recordings = [
            replace(each, audio=each.audio * self._scale) for each in alternatives[number]
        ]
        self.left_out = left_out_parts(self._recordings) if level > 0.0 else []

    def pieces(self, count: int, length: int) -> list[Piece]:
        """Return so many pieces of a length in samples; 0: all."""
        return _pieces(self._recordings, count, length)

    def judged(self, sample_rate: int) -> TrainedCell:
        """Return the cell as it is now, fed with the recordings as they are given."""
        judged = tuple(self._ratio(self.weights, part, sample_rate) for part in self.left_out)
        energies = [sum(piece.energy for piece in part) for part in self.left_out]
        left = float(np.average(judged, weights=energies))
        weights = self.weights.astype(np.float32)
        weights[: 3 * self._layout.units] *= self._scale
        weights[-1] *= self._scale
        return TrainedCell(weights, self.error, left, judged, self.steps, self._number)

    def _ratio(self, weights: np.ndarray, pieces: Sequence[Piece], sample_rate: int) -> float:
        single = weights.astype(np.float32)
        rest = resting(single)
        found = map_threads(lambda piece: error_of(piece, single, rest, sample_rate), pieces)
        ratio = sum(found) / max(sum(piece.energy for piece in pieces), 1e-20)
        return ratio if np.isfinite(ratio) else np.inf

    def misses(self, wider: Sequence[Piece], sample_rate: int) -> bool:
        """Tell whether more pieces are left by far more than those of the last step."""
        return self._ratio(self.weights, wider, sample_rate) > OVERFIT * self.error

    def step(self, pieces: Sequence[Piece], sample_rate: int) -> float:
        """Take a step, and return the share by which it lowers the error on pieces; 0: none."""
        there = self._linearized(pieces, sample_rate)
        diagonal = np.diag(there.hessian)
        floor = 1e-9 * float(diagonal.max()) + 1e-12
        for _ in range(TRIES):
            system = there.hessian + self._damping * np.diag(diagonal + floor)
            moved = -np.linalg.solve(system, there.slope)
            weights = self.weights + np.clip(moved, -LONGEST_STEP, LONGEST_STEP)
            error = self._ratio(weights, pieces, sample_rate)
            if error < there.error:
                self.weights, self.error = weights, error
                self._damping = max(self._damping / 3.0, 1e-9)
                self.steps += 1
                return 1.0 - error / there.error
            self._damping *= 4.0
        self._damping = DAMPING
        return 0.0

    def _linearized(self, pieces: Sequence[Piece], sample_rate: int) -> PieceError:
        single = self.weights.astype(np.float32)
        rest = linearize_rest(single)
        found = map_threads(lambda piece: linearized(piece, single, rest, sample_rate), pieces)
        energy = max(sum(piece.energy for piece in pieces), 1e-20)
        return PieceError(
            sum(each.error for each in found) / energy,
            np.sum([each.slope for each in found], axis=0) / energy,
            np.sum([each.hessian for each in found], axis=0) / energy,
        )
