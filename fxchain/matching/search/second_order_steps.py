"""Second-order steps of one candidate, in a thread that has its share of the budget."""

from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.matching.search.context import SearchContext, point
from fxchain.matching.search.delay_reverb_evolution import refine_delay_samples
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.training_excerpts import SearchPoint
from fxchain.objectives.excerpt import Excerpt, as_played
from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.budget import Budget
from fxchain.optim.parallel import BudgetShare, run_parallel
from fxchain.optim.second_order import TOLERANCE, LevenbergMarquardt
from fxchain.structure.candidate import Candidate

#: Most steps on the short excerpts, which basin hopping takes over from where a step gains less
#: than this share of the loss; and most steps on the long ones.
SETTLING, SLOW, FINISHING = 40, 0.02, 10


def steps_from(
    start: SearchPoint, objective: AnyObjective, optimizer: LevenbergMarquardt, share: BudgetShare
) -> SearchPoint:
    """Return where second-order steps lead from a point."""
    return replace(start, cube=optimizer.minimize(objective, start.cube, share).cube)


def descend(
    start: SearchPoint,
    objective: AnyObjective,
    optimizer: LevenbergMarquardt,
    budget: Budget,
    until: float,
) -> np.ndarray:
    """Return the cube where second-order steps lead; that of the start after an interruption."""
    if not len(start.cube):
        return start.cube
    ends = run_parallel([partial(steps_from, start, objective, optimizer)], budget, until)
    return ends[0].cube if ends else start.cube


def quick(steps: int, phase: str, tolerance: float = TOLERANCE) -> LevenbergMarquardt:
    """Return so many second-order steps at most for a point that is nearly there."""
    return LevenbergMarquardt(steps, tolerance=tolerance, reuse_jacobian=True, phase=phase)


def settle_short(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Descend by the plain error on the short excerpts."""
    return _settle(state, context, context.excerpts(state).short, SETTLING, move.until)


def settle_long(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Descend by the plain error on the long excerpts, then by that of what pedalboard plays."""
    long = context.excerpts(state).long
    state = _settle(state, context, long, FINISHING, move.until)
    best = state.best
    if best is None or context.budget.portion(move.until).over:
        return state
    played = context.error(state, best, as_played(long))
    optimizer = quick(FINISHING, "second order", SLOW)
    cube = descend(point(best), played, optimizer, context.budget, move.until)
    return context.replaced(state, context.evaluate(state, best, cube))


def _settle(
    state: SearchState,
    context: SearchContext,
    excerpts: tuple[Excerpt, ...],
    steps: int,
    until: float,
) -> SearchState:
    best = state.best
    if best is None or context.budget.portion(until).over:
        return state
    objective = context.error(state, best, excerpts)
    optimizer = quick(steps, "second order", SLOW)
    cube = descend(point(best), objective, optimizer, context.budget, until)
    cube, _ = refine_delay_samples(objective, cube, float(objective.losses(cube[None])[0]))
    return context.keep(state, best, cube)


def compare_after(
    points: tuple[tuple[Candidate, np.ndarray], ...],
    objectives: tuple[AnyObjective, ...],
    optimizer: LevenbergMarquardt,
    budget: Budget,
    until: float,
) -> list[tuple[np.ndarray, float]] | None:
    """Return where equally many steps lead from several points, and the losses there.

    Returns:
        one (cube, loss) for each point; None after an interruption
    """
    searches = [
        partial(steps_from, SearchPoint(candidate, cube), objective, optimizer)
        for (candidate, cube), objective in zip(points, objectives, strict=True)
    ]
    ends = run_parallel(searches, budget, until)
    if len(ends) < len(searches):
        return None
    pairs = zip(objectives, ends, strict=True)
    return [(end.cube, float(error.losses(end.cube[None])[0])) for error, end in pairs]
