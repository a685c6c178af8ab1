"""Insertion of another drive in series, where the chain leaves a large error.

Amplifiers and pedals have drives in series with filters between them. A search that begins with all
of them rarely converges; one that inserts them one by one into what it has found does. The new
stage begins as a branch of small weight beside a clean one.
"""

import math
from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.second_order_steps import quick, steps_from
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.training_excerpts import SearchPoint
from fxchain.optim.parallel import run_parallel
from fxchain.structure.candidate import Candidate
from fxchain.structure.insert import with_drive_added

#: A chain grows where it leaves this much, and keeps what lowers the error to this share.
WORTH_GROWING, WORTH_A_STAGE = 1e-2, 0.9
#: Most second-order steps of the whole chain until a new stage must have paid.
GROWING = 12
#: So many rounds; the first in which no new stage paid is the last.
ROUNDS = 3
#: What the drive of a new stage is drawn from, dB, and its bias.
DRIVES_DB, BIASES = (3.0, 15.0), (-0.3, 0.3)


def add_drive(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Insert a drive before or behind those there are, whichever helps more, if it helps enough."""
    insertion, added, best = context.template.insertion, state.discoveries.drives_added, state.best
    if insertion is None or best is None or not context.leaves(state, WORTH_GROWING):
        return state
    over = context.budget.portion(move.until).over
    if added < move.number or over or state.response is not None:
        return state
    state, draws = state.drawn(lambda rng: rng.uniform(size=2))
    drive, short = _drawn(insertion.drive, draws), context.excerpts(state).short
    searches = []
    for candidate in with_drive_added(best, drive, insertion.tone):
        objective = context.error(state, candidate, short)
        start = SearchPoint(candidate, objective.cube(candidate.values))
        searches.append(partial(steps_from, start, objective, quick(GROWING, "drive")))
    if not searches:  # the best was not made of the template, and has no drive
        return state
    found = [
        context.evaluate(state, end.candidate, end.cube)
        for end in run_parallel(searches, context.budget, move.until)
    ]
    better = min(found, key=_loss, default=None)
    if better is None or _loss(better) > WORTH_A_STAGE * _loss(best):
        return state
    return context.take(state, better).found(drives_added=added + 1)


def _loss(candidate: Candidate) -> float:
    return math.inf if candidate.loss is None else candidate.loss


def _drawn(drive: Candidate, draws: np.ndarray) -> Candidate:
    """Return a new stage with drive and bias drawn from their ranges by numbers from 0 to 1."""
    values, ranges = drive.values.copy(), {"drive_db": DRIVES_DB, "bias": BIASES}
    for index, slot in enumerate(drive.stage.slots()):
        if slot.spec.name in ranges:
            low, high = ranges[slot.spec.name]
            values[index] = low + draws[list(ranges).index(slot.spec.name)] * (high - low)
    return replace(drive, values=values)
