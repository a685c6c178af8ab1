"""A recurrent cell trained by second-order steps, on ever more of some recordings.

Where steps lead depends on the drawn weights and on the latency of the recordings. So several
starts are tried, and ever fewer of them go on (successive halving). It begins with a few short
pieces, since steps on them are quick. They double where they have nothing more to tell: where a
step gains little, or where the weights already suit them better than what lies between them. So it
ends with all that is trained on. The end of each recording is left out, and the weights are kept
that leave the least there; where no more steps lower that, the next start has the time that
remains. Behind the cell a linear response may stand, solved in closed form in turns with the steps.

Source:
    Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
    optimization", 2016: successive halving.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.descent import PIECE_SECONDS, Descent, TrainedCell
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.response import Response
from fxchain.recurrent.rest import linearize_rest
from fxchain.recurrent.trained_piece import Piece, error_of, linearized

#: Number and length, s, of the first pieces. They double where a step lowers the error on them by
#: less than this share, or where so many times as many pieces are left by more than 1.5 times that.
BEGINNING, LEAST_GAIN, WIDER, OVERFIT = (4, 0.15), 0.03, 4, 1.5
#: So many cells begin; behind so many steps on the first pieces half of those that are left go on.
STARTS, TRIAL = 4, 8
#: A response behind the cell must leave this share of what the cell alone leaves of what was left
#: out. It is tried where the pieces double, and solved anew behind each step on everything.
WORTH_A_RESPONSE = 0.9
#: The training ends when so many steps did not lower the error on what was left out.
PATIENCE = 8


def train_cell(
    alternatives: Sequence[Sequence[Recording]],
    sample_rate: int,
    network: Architecture,
    rng: np.random.Generator,
    over: Callable[[float], bool] = lambda left: False,
    report: Callable[[float], None] = lambda error: None,
    enough: float = np.inf,
    responds: bool = False,
) -> TrainedCell | None:
    """Train a cell on recordings of one device.

    Args:
        alternatives: the recordings, at least one, as they may be aligned
        sample_rate: Hz, of all
        network: the cell, or another network
        rng: draws the first weights
        over: tells when to end, from what the best cell so far leaves on what was left out
        report: told the error behind each step
        enough: what a cell must leave of what was left out at most to be taken
        responds: a linear response may stand behind the cell

    Returns:
        the cell that leaves least of everything, of those that leave enough of what was left out
        if there are any; None where there is nothing to train on, or time ended before the first
        step
    """
    count = len(alternatives)
    searches = [
        Descent(network, network.draw(rng), alternatives, start % count, sample_rate)
        for start in range(STARTS)
    ]
    training = _Training(sample_rate, over, report, responds)
    ranked = training.ranked([each for each in searches if each.left_out])
    ends = list[TrainedCell]()
    for search in ranked:
        ends.append(training.cell_of(search))
        if training.ended:
            break

    def rank(cell: TrainedCell) -> tuple[bool, float]:
        behind = Descent.behind(cell, alternatives[cell.alternative], network, sample_rate)
        return cell.left > enough, behind.ratio(behind.everything())

    return min(ends, key=rank, default=None)


def compile_training(network: Architecture) -> None:
    """Load or compile what a training calls, before it is timed."""
    weights, silence = np.zeros(network.size, np.float32), np.zeros(1, np.float32)
    piece = Piece(Recording(silence, silence, np.ones(1, np.float32)), 0, 1)
    response = Response(np.ones(1, np.float32))
    linearized(piece, network, weights, linearize_rest(network, weights), 1, response)
    error_of(piece, network, weights, network.resting(weights), 1)


class _Training:
    """The course of a training, and the best cell of the present start; see `train_cell`."""

    def __init__(
        self,
        sample_rate: int,
        over: Callable[[float], bool],
        report: Callable[[float], None],
        responds: bool = False,
    ) -> None:
        self.best: TrainedCell | None = None
        self._responds = responds
        self._sample_rate, self._over, self._report = sample_rate, over, report

    def ranked(self, searches: Sequence[Descent]) -> list[Descent]:
        """Return the starts that took steps, first those that leave least of the first pieces."""
        size, others = next(_sizes(self._sample_rate)), list[Descent]()
        while len(searches) > 1:
            for each in searches:
                pieces = each.pieces(*size)
                for _ in range(TRIAL):
                    if not self._advance(each, pieces):
                        break
            order, half = sorted(searches, key=lambda each: each.error), len(searches) // 2
            searches, others = order[:half], [*order[half:], *others]
        return [each for each in (*searches, *others) if each.steps]

    def cell_of(self, search: Descent) -> TrainedCell:
        """Return the best cell on the way of one start."""
        self.best = search.judged()
        self.on_growing_pieces(search)
        self.on_everything(search)
        return self.best

    def on_growing_pieces(self, search: Descent) -> None:
        """Take steps on ever more pieces, until they are everything."""
        everything, sizes = search.everything(), _sizes(self._sample_rate)
        count, length = next(sizes)
        pieces = search.pieces(count, length)
        self._respond(search)
        while _length(pieces) < _length(everything) and not self.ended:
            gained = self._advance(search, pieces)
            wider = search.pieces(WIDER * count, length)
            if gained < LEAST_GAIN or search.ratio(wider) > OVERFIT * search.error:
                count, length = next(sizes)
                pieces = search.pieces(count, length)
                self._respond(search)
            self._judge(search)

    def on_everything(self, search: Descent) -> None:
        """Take steps on everything, until they do not lower the error on what is left out."""
        pieces = search.everything()
        while self.best is not None and search.steps < self.best.steps + PATIENCE:
            if not self._advance(search, pieces):
                break
            if search.response is not None:
                search.respond()
            self._judge(search)

    @property
    def ended(self) -> bool:
        """Tell whether the training is over, by what the present start leaves."""
        return self._over(np.inf if self.best is None else self.best.left)

    def _advance(self, search: Descent, pieces: Sequence[Piece]) -> float:
        """Take a step, and return the share by which it lowered the error; 0 without one."""
        gained = 0.0 if self.ended else search.step(pieces)
        if gained:
            self._report(search.error)
        return gained

    def _respond(self, search: Descent) -> None:
        """Put a response behind the cell where that lowers the error on what is left out."""
        if not self._responds:
            return
        before, left = search.response, search.judged().left
        search.respond()
        if before is None and search.judged().left > WORTH_A_RESPONSE * left:
            search.response = None
        self._judge(search)

    def _judge(self, search: Descent) -> None:
        found = search.judged()
        if self.best is None or found.left < self.best.left:
            self.best = found


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
