"""A chain that explains too little grows: another drive joins it in series, where it helps most.

Drives in series, with filters between them, are how amplifiers and pedals are built, and a search
that begins with all of them rarely finds its way. One that adds them to what it has found does:
the new stage begins as a faint branch beside the sound as it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.matching.search.coarse_to_fine import descend
from fxchain.matching.search.snapshot import ScoredCandidate
from fxchain.matching.search.state import Search
from fxchain.optim.parallel import run_parallel
from fxchain.structure.candidate import Candidate
from fxchain.structure.insert import with_drive_added
from fxchain.structure.search_point import SearchPoint

#: A chain grows where it leaves this much, and keeps what lowers the error to this share.
WORTH_GROWING, WORTH_A_STAGE = 1e-2, 0.9
#: Most second-order steps of the whole chain until a new stage must have paid.
GROWING = 12
#: So many rounds; the first in which no new stage paid is the last.
ROUNDS = 3
#: What the drive of a new stage is drawn from, dB, and its bias.
DRIVES_DB, BIASES = (3.0, 15.0), (-0.3, 0.3)
NOTE = "more drives in series explained more than the chain alone"


def add_drive(search: Search, number: int, until: float) -> None:
    """Add a drive before or behind those there are, whichever helps more, if it helps enough.

    Args:
        search: begins at its best chain so far, and goes on with what is better
        number: of the round, of `ROUNDS`
        until: share of the budget that may be used up
    """
    sprout, joined = search.template.sprout, _joined(search.notes)
    if sprout is None or not search.leaves(WORTH_GROWING) or joined < number:
        return
    if search.budget.portion(until).over or search.response is not None:
        return
    search.return_to_best()
    old = search.form
    drive = _drawn(sprout.drive, search.rng.uniform(size=2))
    searches = []
    for form in with_drive_added(old, drive, sprout.tone):
        objective = search.listening.objective(form, search.short)
        place = SearchPoint(form, objective.cube(form.values))
        searches.append(partial(descend, place, objective, GROWING, "growth"))
    found = list[ScoredCandidate]()
    for end in run_parallel(searches, search.budget, until):
        search.form = end.form
        found.append(search.judged(end.cube))
    search.form = old
    best = min(found, key=lambda each: each.loss, default=None)
    if best is None or search.best is None or best.loss > WORTH_A_STAGE * search.best.loss:
        return
    search.take(best)
    others = tuple(note for note in search.notes if not note.endswith(NOTE))
    search.notes = (*others, f"{joined + 1} {NOTE}")


def _joined(notes: Sequence[str]) -> int:
    """Return how many drives have joined, by what the notes say: these are kept with the state."""
    return next((int(note.split()[0]) for note in notes if note.endswith(NOTE)), 0)


def _drawn(drive: Candidate, draws: np.ndarray) -> Candidate:
    """Return a new stage with drive and bias drawn from their ranges by numbers from 0 to 1."""
    values, ranges = drive.values.copy(), {"drive_db": DRIVES_DB, "bias": BIASES}
    for index, slot in enumerate(drive.stage.slots()):
        if slot.spec.name in ranges:
            low, high = ranges[slot.spec.name]
            values[index] = low + draws[list(ranges).index(slot.spec.name)] * (high - low)
    return replace(drive, values=values)
