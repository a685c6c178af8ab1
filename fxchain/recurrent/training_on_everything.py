"""The last steps of a recurrent cell: on all of the recordings, their ends too.

The ends are left out of a training, and tell when it is over and whether it is worth it. Once they
have told that, they are recordings as any others, a fifth of what is known of the device.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.descent import Descent, TrainedCell
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.training import LEAST_GAIN, PATIENCE


def trained_on_everything(
    cell: TrainedCell,
    recordings: Sequence[Recording],
    sample_rate: int,
    network: Architecture,
    over: Callable[[], bool] = lambda: False,
    report: Callable[[float], None] = lambda error: None,
) -> TrainedCell:
    """Return a cell behind a few more steps, while each lowers the error by a share that counts.

    Args:
        cell: as it was trained with the ends of the recordings left out
        recordings: that it was trained on, not silent
        sample_rate: Hz, of all
        network: the cell
        over: tells when to end
        report: told the error behind each step

    Returns:
        the cell with other weights, and another response if it has one; `left` and `judged` are
        those of the given cell
    """
    search = Descent.behind(cell, recordings, network, sample_rate)
    pieces = search.everything()
    for _ in range(PATIENCE):
        if over():
            break
        gained = search.step(pieces)
        if gained:
            report(search.error)
        if search.response is not None:
            search.respond()
        if gained < LEAST_GAIN:
            break
    if not search.steps:
        return cell
    return replace(
        cell,
        weights=search.weights,
        fitted=search.error,
        steps=cell.steps + search.steps,
        response=search.response,
    )
