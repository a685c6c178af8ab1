"""Stages inserted into a chain."""

from collections.abc import Sequence

import numpy as np

from fxchain.stage import Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages, with_top_stages


def with_drive_added(candidate: Candidate, drive: Candidate, tone: Candidate) -> list[Candidate]:
    """Return a chain with a drive before its first, and with one behind its last."""
    places = _places(candidate.stage)
    if not places:
        return []
    first, last = places[0], places[-1] + 1
    return [_inserted(candidate, first, (drive, tone)), _inserted(candidate, last, (tone, drive))]


def _places(stage: Stage) -> list[int]:
    """Return the places of the chain's stages that drive."""
    return [
        place
        for place, part in enumerate(top_stages(stage))
        if any(slot.purpose == "drive" for slot in part.slots())
    ]


def _inserted(candidate: Candidate, place: int, inserted: Sequence[Candidate]) -> Candidate:
    """Return a chain with new stages at a place among its top stages."""
    stages = top_stages(candidate.stage)
    at = sum(part.size for part in stages[:place])
    new = [stage for each in inserted for stage in top_stages(each.stage)]
    return Candidate(
        with_top_stages(candidate.stage, (*stages[:place], *new, *stages[place:])),
        np.insert(candidate.values, at, np.concatenate([each.values for each in inserted])),
        np.insert(candidate.free, at, np.concatenate([each.free for each in inserted])),
    )
