"""Stages that change nothing are left out."""

from dataclasses import dataclass, replace

import numpy as np

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.second_order_steps import descend, quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.training_excerpts import SearchPoint
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import make_objective
from fxchain.optim.budget import Budget, BudgetView
from fxchain.stage import stage_label
from fxchain.structure.candidate import Candidate
from fxchain.structure.edits import Part, Rebuilt, removable, without_parts

#: The loss may grow by this share while stages are left out.
TOLERANCE = 0.01
#: A loss below this is inaudible, and differences below it decide nothing.
INAUDIBLE = 1e-9


#: Most second-order steps after stages were left out.
POLISHING = 4


def prune_stages(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Leave out what changes nothing, and take a few steps with what is left."""
    if state.best is None:
        return state
    long = context.excerpts(state).long
    pruned, labels = prune(state.best, long, context.sample_rate, context.budget, move.until)
    if not labels:
        return state
    error = context.error(state, pruned, long)
    start = SearchPoint(pruned, position(pruned))
    state = replace(state, best=context.evaluate(state, pruned, start.cube)).found(pruned=labels)
    cube = descend(start, error, quick(POLISHING, "polish"), context.budget, move.until)
    return context.keep(state, pruned, cube)


def prune(
    candidate: Candidate,
    excerpts: tuple[Excerpt, ...],
    sample_rate: int,
    budget: Budget,
    until: float = 1.0,
) -> tuple[Candidate, tuple[str, ...]]:
    """Leave out what costs least, one after the other, while the loss grows by less than 1 %.

    Stages of which every value is fixed stay.

    Args:
        candidate: the chain
        excerpts: on which its error decides
        sample_rate: Hz
        budget: is told of each stage that is tried
        until: when this share of the budget is used up, the rest stays

    Returns:
        the chain that is left, and `path (kind)` of what was left out

    Source:
        the acceptance rule of Lee et al., "Searching for music mixing graphs: a pruning approach",
        2024, applied to single stages.
    """
    stage, part = candidate.stage, budget.portion(until)
    pruning = _Pruning(candidate, excerpts, sample_rate, budget)
    best = without_parts(stage, frozenset())
    bound = (1.0 + TOLERANCE) * pruning.loss(best) + INAUDIBLE
    dropped: list[Part] = []
    for cost, each in pruning.costs(part):
        if cost > bound or part.over:
            break
        gone = {other.path for other in dropped}
        if each.path in gone or gone & (each.inside | each.siblings):
            continue  # left out already, or the last branches of a mix
        rebuilt = without_parts(stage, frozenset({*gone, each.path}))
        if pruning.loss(rebuilt) <= bound:
            best = rebuilt
            dropped.append(each)
    return best.of(candidate), tuple(stage_label(each.path, each.kind) for each in dropped)


@dataclass(frozen=True)
class _Pruning:
    """The errors of a candidate without some of its parts."""

    candidate: Candidate
    excerpts: tuple[Excerpt, ...]
    sample_rate: int
    budget: Budget

    def loss(self, rebuilt: Rebuilt) -> float:
        """Return the error of what was built."""
        fixed = np.zeros(rebuilt.stage.size, dtype=bool)
        values = rebuilt.take(self.candidate.values)
        error = make_objective(rebuilt.stage, values, fixed, self.excerpts, self.sample_rate)
        found = float(error.losses(np.zeros((1, 0)))[0])
        self.budget.report("prune", found)
        return found

    def costs(self, part: BudgetView) -> list[tuple[float, Part]]:
        """Return the error without each part that has a free value, the least first."""
        found: list[tuple[float, Part]] = []
        for each in removable(self.candidate.stage):
            if part.over:
                break
            rebuilt = without_parts(self.candidate.stage, frozenset({each.path}))
            if self._touches_only_free(rebuilt):
                found.append((self.loss(rebuilt), each))
        return sorted(found, key=lambda pair: (pair[0], pair[1].path, pair[1].kind))

    def _touches_only_free(self, rebuilt: Rebuilt) -> bool:
        free = self.candidate.free
        left = np.ones(len(free), dtype=bool)
        left[[source for source in rebuilt.sources if source >= 0]] = False
        return not left.any() or bool(free[left].any())
