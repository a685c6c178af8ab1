"""The error of a chain without each of its parts, and with neighbours the other way round."""

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from fxchain.matching.findings.finding import Finding
from fxchain.matching.findings.parts import ChainPart, parts_of
from fxchain.matching.findings.refit import Refit, finite
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import FLOOR
from fxchain.structure.removal import is_in_series, removable_units, without_units
from fxchain.structure.series import top_stages, with_top_stages

#: An order is told where the other one leaves more than this many times the error.
TOLD = 1.5


def without_each(candidate: Candidate, error: float, refit: Refit) -> Iterator[Finding]:
    """Yield what the error would be without each part, the others refitted.

    A part of which every value is fixed is not left out.

    Args:
        candidate: the chain
        error: its own, on what is compared
        refit: refits the others until its budget is over
    """
    units = {unit.path: unit for unit in removable_units(candidate)}
    for part in parts_of(candidate.stage, candidate.values):
        if refit.budget.over:
            return
        gone = [units[path] for path in part.paths if path in units]
        if len(gone) < len(part.paths) or not gone:
            continue
        left = without_units(candidate, gone).candidate
        if not part.level and any(is_in_series(unit) for unit in gone):
            left = without_units(candidate, gone, refit.gain_db(left)).candidate
        found = refit.error(left)
        if finite(found):
            figures = {"error": error, "error_without": found}
            yield Finding("without", figures, (part.name,), part.paths)


def exchanged_neighbours(candidate: Candidate, error: float, refit: Refit) -> Iterator[Finding]:
    """Yield whether the order of neighbours in the main line can be told.

    Two filters have no order, nor has a change of level one.

    Args:
        candidate: the chain
        error: its own, on what is compared
        refit: refits what is exchanged until its budget is over
    """
    line = [part for part in parts_of(candidate.stage, candidate.values) if _places(part)]
    for first, then in pairwise(line):
        if refit.budget.over:
            return
        adjacent = _places(first)[-1] + 1 == _places(then)[0]
        if not adjacent or first.level or then.level or (first.linear and then.linear):
            continue
        found = refit.error(_exchanged(candidate, first, then))
        if finite(found):
            yield Finding(
                "order",
                {"error": error, "error_exchanged": found},
                (first.name, then.name),
                (*first.paths, *then.paths),
                told=found > TOLD * max(error, FLOOR),
            )


def _places(part: ChainPart) -> list[int]:
    """Return the places of a part among the top stages; none where it stands deeper."""
    matches = [re.fullmatch(r"chain\[(\d+)\]", path) for path in part.paths]
    return [int(match.group(1)) for match in matches if match] if all(matches) else []


def _exchanged(candidate: Candidate, first: ChainPart, then: ChainPart) -> Candidate:
    """Return the chain with two neighbouring parts the other way round."""
    stages = top_stages(candidate.stage)
    begin, middle, end = _places(first)[0], _places(then)[0], _places(then)[-1] + 1
    order = [
        *range(begin),
        *range(middle, end),
        *range(begin, middle),
        *range(end, len(stages)),
    ]
    starts = np.cumsum([0, *(stage.size for stage in stages)])
    sources = np.concatenate(
        [np.arange(starts[place], starts[place + 1]) for place in order]
    ).astype(np.intp)
    return Candidate(
        with_top_stages(candidate.stage, [stages[place] for place in order]),
        candidate.values[sources],
        candidate.free[sources],
    )
