"""A chain that explains too little grows: another drive joins it in series, where it helps most.

Drives in series, with filters between them, are how amplifiers and pedals are built, and a search
that begins with all of them rarely finds its way. One that adds them to what it has found does:
the new stage begins as a faint branch beside the sound as it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.matching.early import Place, descend
from fxchain.matching.objective import top_stages
from fxchain.matching.problem import DRIVERS, Form
from fxchain.matching.search import Search
from fxchain.matching.search_state import Found
from fxchain.optim.lanes import side_by_side
from fxchain.stage import Chain, Stage

#: A chain grows where it leaves this much, and keeps what lowers the error to this share.
WORTH_GROWING, WORTH_A_STAGE = 1e-2, 0.9
#: Most second-order steps of the whole chain until a new stage must have paid.
GROWING = 12
#: So many rounds; the first in which no new stage paid is the last.
ROUNDS = 3
#: What the drive of a new stage is drawn from, dB, and its bias.
DRIVES_DB, BIASES = (3.0, 15.0), (-0.3, 0.3)
NOTE = "more drives in series explained more than the chain alone"


def grow(search: Search, number: int, until: float) -> None:
    """Add a drive before or behind those there are, whichever helps more, if it helps enough.

    Args:
        search: begins at its best chain so far, and goes on with what is better
        number: of the round, of `ROUNDS`
        until: share of the budget that may be used up
    """
    sprout, joined = search.template.sprout, _joined(search.notes)
    if sprout is None or not search.leaves(WORTH_GROWING) or joined < number:
        return
    if search.budget.share(until).over or search.response is not None:
        return
    search.return_to_best()
    old = search.form
    drive = _drawn(sprout.drive, search.rng.uniform(size=2))
    searches = []
    for form in grown(old, drive, sprout.tone):
        objective = search.listening.objective(form, search.short)
        place = Place(form, objective.cube(form.values))
        searches.append(partial(descend, place, objective, GROWING, "growth"))
    found = list[Found]()
    for end in side_by_side(searches, search.budget, until):
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


def _drawn(drive: Form, draws: np.ndarray) -> Form:
    """Return a new stage with drive and bias drawn from their ranges by numbers from 0 to 1."""
    values, ranges = drive.values.copy(), {"drive_db": DRIVES_DB, "bias": BIASES}
    for index, slot in enumerate(drive.stage.slots()):
        if slot.spec.name in ranges:
            low, high = ranges[slot.spec.name]
            values[index] = low + draws[list(ranges).index(slot.spec.name)] * (high - low)
    return replace(drive, values=values)


def grown(form: Form, drive: Form, tone: Form) -> list[Form]:
    """Return a chain with a drive before its first, and with one behind its last."""
    places = _places(form.stage)
    if not places:
        return []
    first, last = places[0], places[-1] + 1
    return [_inserted(form, first, (drive, tone)), _inserted(form, last, (tone, drive))]


def _places(stage: Stage) -> list[int]:
    """Return the places of the chain's stages that drive."""
    return [
        place
        for place, part in enumerate(top_stages(stage))
        if any(slot.kind in DRIVERS for slot in part.slots())
    ]


def _inserted(form: Form, place: int, young: Sequence[Form]) -> Form:
    """Return a chain with new stages at a place among its top stages."""
    stages = top_stages(form.stage)
    at = sum(part.size for part in stages[:place])
    new = [stage for each in young for stage in top_stages(each.stage)]
    return Form(
        Chain((*stages[:place], *new, *stages[place:])),
        np.insert(form.values, at, np.concatenate([each.values for each in young])),
        np.insert(form.free, at, np.concatenate([each.free for each in young])),
    )
