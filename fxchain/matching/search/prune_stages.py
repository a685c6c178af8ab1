"""Stages that change nothing are left out."""

from dataclasses import replace

import numpy as np

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.second_order_steps import descend, quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.training_excerpts import SearchPoint
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import make_objective
from fxchain.optim.budget import Budget
from fxchain.structure.candidate import Candidate
from fxchain.structure.edits import Rebuilt, removable, without_parts

#: The loss may grow by this share while stages are left out.
TOLERANCE = 0.01
#: A loss below this cannot be heard, and differences below it decide nothing.
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
    stage, free = candidate.stage, candidate.free

    def loss(rebuilt: Rebuilt) -> float:
        fixed = np.zeros(rebuilt.stage.size, dtype=bool)
        values = rebuilt.take(candidate.values)
        error = make_objective(rebuilt.stage, values, fixed, excerpts, sample_rate)
        found = float(error.losses(np.zeros((1, 0)))[0])
        budget.report("prune", found)
        return found

    part = budget.portion(until)
    best = without_parts(stage, frozenset())
    bound = (1.0 + TOLERANCE) * loss(best) + INAUDIBLE
    costs: list[tuple[float, str, str]] = []
    for path, kind in removable(stage):
        if part.over:
            break
        rebuilt = without_parts(stage, frozenset({path}))
        if _touches_only_free(rebuilt, free):
            costs.append((loss(rebuilt), path, kind))
    dropped: list[str] = []
    labels: list[str] = []
    for cost, path, kind in sorted(costs):
        if cost > bound or part.over:
            break
        if any(path.startswith(f"{other}.") or path == other for other in dropped):
            continue
        if _empties_a_mix(path, dropped):
            continue
        rebuilt = without_parts(stage, frozenset({*dropped, path}))
        if loss(rebuilt) <= bound:
            best = rebuilt
            dropped.append(path)
            labels.append(f"{path} ({kind})")
    kept = Candidate(best.stage, best.take(candidate.values), best.take_free(free))
    return kept, tuple(labels)


def _touches_only_free(rebuilt: Rebuilt, free: np.ndarray) -> bool:
    left = np.ones(len(free), dtype=bool)
    left[[source for source in rebuilt.sources if source >= 0]] = False
    return not left.any() or bool(free[left].any())


def _empties_a_mix(path: str, dropped: list[str]) -> bool:
    """Tell whether a sibling branch is gone already; of a mix at least one branch stays."""
    if not path.endswith("]") or ".mix[" not in f".{path.rsplit('.', 1)[-1]}":
        return False
    mix = path.rsplit("[", 1)[0]
    return any(other.rsplit("[", 1)[0] == mix for other in dropped)
