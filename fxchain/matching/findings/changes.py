"""The error of a chain without each of its parts, and with neighbours the other way round."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise, zip_longest

import numpy as np

from fxchain.matching.findings.exchange import commute, exchanged
from fxchain.matching.findings.finding import Finding, Kind
from fxchain.matching.findings.parts import ChainPart, parts_of
from fxchain.matching.findings.refit import Refit, loss_of
from fxchain.stage.slot import below
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import FLOOR
from fxchain.structure.removal import is_in_series, removable_units, without_units
from fxchain.structure.series import top_stages

#: An order is told where the other one leaves more than this many times the error.
TOLD = 1.5


@dataclass(frozen=True)
class Change:
    """A changed chain.

    Attributes:
        kind: `without` or `order`
        parts: what was left out or exchanged
        candidate: what is left, evaluated
        enough: the error below which nothing more is to be known
    """

    kind: Kind
    parts: tuple[ChainPart, ...]
    candidate: Candidate
    enough: float = 0.0

    def finding(self, error: float, refitted: Candidate) -> Finding:
        """Return what is found.

        Args:
            error: of the chain as it was
            refitted: the changed chain at the end
        """
        changed = loss_of(refitted)
        name = "error_without" if self.kind == "without" else "error_exchanged"
        return Finding(
            self.kind,
            {"error": error, name: changed},
            tuple(part.name for part in self.parts),
            tuple(path for part in self.parts for path in part.paths),
            told=changed > TOLD * max(error, FLOOR),
        )


def changes_found(candidate: Candidate, refit: Refit) -> list[Finding]:
    """Return what the error would be without each part, and which orders can be told.

    Args:
        candidate: the chain, evaluated
        refit: refits the changed chains until its budget is over

    Returns:
        those whose refit was begun; none where the error is not finite
    """
    error = loss_of(candidate)
    if not np.isfinite(error):
        return []
    changes: list[Change] = []
    turns = zip_longest(_without(candidate, refit), _exchanged(candidate, refit))
    for change in chain.from_iterable(turns):
        if refit.budget.over:
            break
        if change is not None:
            changes.append(change)
    ends = refit.in_turns(
        [change.candidate for change in changes], [change.enough for change in changes]
    )
    pairs = zip(changes, ends, strict=True)
    found = [change.finding(error, end) for change, end in pairs if np.isfinite(loss_of(end))]
    return sorted(found, key=lambda each: each.kind == "order")


def _without(candidate: Candidate, refit: Refit) -> Iterator[Change]:
    """Yield the chain without each part; a part of which every value is fixed stays."""
    units = {unit.path: unit for unit in removable_units(candidate)}
    for part in parts_of(candidate.stage, candidate.values):
        gone = [units[path] for path in part.paths if path in units]
        if len(gone) < len(part.paths) or not gone:
            continue
        left = without_units(candidate, gone).candidate
        if not part.level and any(is_in_series(unit) for unit in gone):
            left = without_units(candidate, gone, refit.gain_db(left)).candidate
        yield Change("without", (part,), refit.evaluated(left))


def _exchanged(candidate: Candidate, refit: Refit) -> Iterator[Change]:
    """Yield the chain with each two neighbours in the main line the other way round.

    Two filters have no order, nor has a change of level one.
    """
    stages = top_stages(candidate.stage)
    enough = TOLD * max(loss_of(candidate), FLOOR)
    place_at = {below("", "chain", place): place for place in range(len(stages))}
    parts = parts_of(candidate.stage, candidate.values)
    line = [
        (part, [place_at[path] for path in part.paths])
        for part in parts
        if all(path in place_at for path in part.paths)
    ]
    for (first, before), (then, behind) in pairwise(line):
        begin, middle, end = before[0], behind[0], behind[-1] + 1
        if before[-1] + 1 != middle:
            continue
        if first.level or then.level or (first.linear and then.linear):
            continue
        if commute(stages[begin:middle], stages[middle:end]):
            yield Change("order", (first, then), candidate, enough)
            continue
        starts = exchanged(candidate, begin, middle, end, refit.excerpts[0], refit.sample_rate)
        best = min((refit.evaluated(start) for start in starts), key=loss_of)
        yield Change("order", (first, then), best, enough)
