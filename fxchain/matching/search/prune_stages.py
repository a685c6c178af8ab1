"""Leaving out stages that do nothing."""

from collections.abc import Callable

import numpy as np

from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.base import Budget
from fxchain.stage import Stage
from fxchain.structure.edits import Rebuilt, removable, without_parts

#: Makes the error of a chain: from its structure, its values (size,) and which are free (size,).
MakeObjective = Callable[[Stage, np.ndarray, np.ndarray], AnyObjective]

#: The loss may grow by this share while stages are left out.
TOLERANCE = 0.01
#: A loss below this cannot be heard, and differences below it decide nothing.
INAUDIBLE = 1e-9


def prune(
    stage: Stage,
    values: np.ndarray,
    free: np.ndarray,
    judge: MakeObjective,
    budget: Budget,
    until: float = 1.0,
) -> tuple[Rebuilt, tuple[str, ...]]:
    """Leave out what costs least, one after the other, while the loss grows by less than 1 %.

    Stages of which every value is fixed stay.

    Args:
        stage: the chain
        values: (size,), physical
        free: (size,), bool
        judge: makes the error that decides
        budget: is told of each stage that is tried
        until: when this share of the budget is used up, the rest stays

    Returns:
        the chain that is left, and `path (kind)` of what was left out

    Source:
        the acceptance rule of Lee et al., "Searching for music mixing graphs: a pruning approach",
        2024, applied to single stages.
    """

    def loss(rebuilt: Rebuilt) -> float:
        fixed = np.zeros(rebuilt.stage.size, dtype=bool)
        objective = judge(rebuilt.stage, rebuilt.take(values), fixed)
        found = float(objective.losses(np.zeros((1, 0)))[0])
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
    return best, tuple(labels)


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
