"""The candidates of which none other is simpler and better: the Pareto front of a search."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import (
    AUDIBLE,
    FLOOR,
    UNBOUNDED,
    Bounds,
    Complexity,
    complexity,
    price,
)


@dataclass(frozen=True)
class FrontPoint:
    """A candidate with its errors, both with the loudness weighting of the search.

    Attributes:
        candidate: the chain
        fitted: error-to-signal ratio on what it was fitted to
        judged: error-to-signal ratio on parts of the recordings that it was not fitted to; where
            there are none, on all
    """

    candidate: Candidate
    fitted: float
    judged: float

    @property
    def complexity(self) -> Complexity:
        """Return how many knobs and stages it has."""
        return complexity(self.candidate)

    @property
    def knobs(self) -> int:
        """Return how many values may move."""
        return self.complexity.knobs

    @property
    def stages(self) -> int:
        """Return how many effects there are."""
        return self.complexity.stages

    @property
    def error(self) -> float:
        """Return the error that counts: the judged one, and the fitted one up to what is audible.

        Where nothing audible is left of what was not fitted, what is left of the fitted part counts
        too: that part alone may have the peaks which a stage cuts.
        """
        return max(self.judged, min(self.fitted, AUDIBLE))

    @property
    def price(self) -> float:
        """Return what it costs by the error that counts."""
        return price(self.error, self.complexity)

    @property
    def _rank(self) -> tuple[float, int, int, int]:
        of = self.complexity
        return max(self.error, FLOOR), of.knobs, of.stages, of.measured

    def dominates(self, other: "FrontPoint") -> bool:
        """Tell whether it is nowhere worse than another point, and better somewhere.

        Errors below `FLOOR` count as equal. What was measured cannot be read: a chain with less of
        it is not dominated.
        """
        own, others = self._rank, other._rank
        return own != others and all(a <= b for a, b in zip(own, others, strict=True))


def front(points: Sequence[FrontPoint]) -> tuple[FrontPoint, ...]:
    """Return the points that no other dominates, the simplest first.

    Dominated in the error, knobs, stages and measured ones; of equal points the first stays.
    """
    finite = [point for point in points if math.isfinite(point.judged)]
    kept: dict[tuple[float, int, int, int], FrontPoint] = {}
    for point in finite:
        if not any(other.dominates(point) for other in finite):
            kept.setdefault(point._rank, point)
    return tuple(sorted(kept.values(), key=lambda p: (p.knobs, p.stages, p.error)))


def choose(points: Sequence[FrontPoint], bounds: Bounds = UNBOUNDED) -> FrontPoint:
    """Return the point that is taken: without bounds the knee, else the best within them.

    The knee has the least price. Within bounds the least error counts, since somebody has
    said how much there may be to the chain. Where nothing is within, the simplest is taken.

    Args:
        points: at least one
        bounds: what the user asked for

    Raises:
        ValueError: there are no points.
    """
    if not points:
        raise ValueError("there are no points")
    if bounds == UNBOUNDED:
        return min(points, key=lambda point: (point.price, point.complexity))
    inside = [point for point in points if bounds.admit(point.complexity)]
    if not inside:
        return min(points, key=lambda point: point.complexity)
    return min(inside, key=lambda point: (max(point.error, FLOOR), point.complexity))


def with_final(
    points: Sequence[FrontPoint], final: Candidate
) -> tuple[tuple[FrontPoint, ...], int]:
    """Return points with the candidate that a search ended with, and its number among them.

    It takes the place of the point of the same structure, whose judged error it keeps: the last
    steps were taken on all of the recordings. Where there is none it is inserted.

    Args:
        points: the front, the simplest first
        final: evaluated
    """
    loss = math.inf if final.loss is None else final.loss
    changed = list(points)
    same = [i for i, each in enumerate(points) if each.candidate.stage == final.stage]
    if same:
        number = min(same, key=lambda i: points[i].judged)
        changed[number] = replace(points[number], candidate=final)
        return tuple(changed), number
    added = FrontPoint(final, loss, loss)
    number = sum(each.complexity <= added.complexity for each in points)
    return (*changed[:number], added, *changed[number:]), number
