"""Stages inserted into a chain."""

from collections.abc import Sequence

import numpy as np

from fxchain.stage import Chain, Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages
from fxchain.structure.template import DRIVERS


def with_drive_added(form: Candidate, drive: Candidate, tone: Candidate) -> list[Candidate]:
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


def _inserted(form: Candidate, place: int, young: Sequence[Candidate]) -> Candidate:
    """Return a chain with new stages at a place among its top stages."""
    stages = top_stages(form.stage)
    at = sum(part.size for part in stages[:place])
    new = [stage for each in young for stage in top_stages(each.stage)]
    return Candidate(
        Chain((*stages[:place], *new, *stages[place:])),
        np.insert(form.values, at, np.concatenate([each.values for each in young])),
        np.insert(form.free, at, np.concatenate([each.free for each in young])),
    )
