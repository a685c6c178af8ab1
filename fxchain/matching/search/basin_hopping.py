"""Basin hopping: perturb the best, descend, keep what is better, again.

Source: Wales and Doye, "Global optimization by basin-hopping", 1997, with perturbations that know
what an equalizer is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from fxchain.matching.search.context import SearchContext, point
from fxchain.matching.search.perturbations import (
    perturb_bands,
    reset_equalizer,
    restart_except_delay_reverb,
)
from fxchain.matching.search.response_stage import is_response_alone
from fxchain.matching.search.second_order_steps import settle_short
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.training_excerpts import SearchPoint, TrainingExcerpts
from fxchain.objectives.mean_error import AnyObjective
from fxchain.objectives.parameter_penalty import with_penalty
from fxchain.optim.parallel import BudgetShare, run_parallel
from fxchain.optim.second_order import LevenbergMarquardt

#: Most second-order steps of each descent after a perturbation, and after a restart.
STEPS, RESTART_STEPS = 8, 20
#: Where a larger error is left, half of the perturbations are restarts.
WORTH_A_RESTART = 1e-4
#: A perturbation that is so many times worse than its start after a descent is given up.
HOPELESS = 20.0
#: A loss at which nothing more can be gained.
PERFECT = 1e-8
#: So many searches hop at the same time, and go on from the best of theirs after this share of the
#: budget.
AT_ONCE, EXCHANGE = 2, 0.2


def hop_from_best(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Hop from the best so far in several threads, which exchange the best now and then."""
    budget = context.budget
    part = budget.portion(move.until)
    while not part.over and state.best is not None and _unfinished(state):
        taken, training = budget.taken, context.excerpts(state).training
        searches, best = [], state.best
        for _ in range(AT_ONCE):
            state, seed = state.drawn(lambda rng: int(rng.integers(2**31)))
            searches.append(partial(hop_basins, point(best, seed), training, PERFECT))
        better = False
        until = min(move.until, budget.used + EXCHANGE)
        for found in run_parallel(searches, budget, until):
            kept = context.keep(state, best, found.cube)
            better, state = better or kept is not state, kept
        if budget.taken == taken:  # perfect on what is compared
            return state
        if better and not part.over:
            state = settle_short(state, context, move)
        context.leave(replace(state, remaining=(move, *state.remaining)))
    return state


def _unfinished(state: SearchState) -> bool:
    """Tell whether there is something to search, more than the gain of a lone response."""
    best = state.best
    if best is None or best.loss is None or not best.loss > PERFECT:
        return False
    return bool(best.free.any()) and not is_response_alone(best)


@dataclass(frozen=True)
class _Errors:
    """The errors of one candidate: plain, and spectrally weighted by ½ and by 1."""

    plain: AnyObjective
    half: AnyObjective
    full: AnyObjective


def hop_basins(
    start: SearchPoint, excerpts: TrainingExcerpts, perfect: float, share: BudgetShare
) -> SearchPoint:
    """Perturb the best point so far, descend, and keep what is better, until the budget is over.

    Half of the perturbations move a few bands and go on with a spectral weighting of ½; half make
    an equalizer flat and go on with one of 1. Where much is left, half are restarts of everything
    but delay and reverb, with a penalty on bands that leave their place. All end with the plain
    error.

    Args:
        start: the chain and where it is
        excerpts: what is compared
        perfect: a plain loss at which it ends
        share: the budget

    Returns:
        the best point by the plain error
    """
    rng = np.random.default_rng(start.seed)
    error = partial(excerpts.objective, start.candidate)
    errors = _Errors(error(excerpts.brief), error(excerpts.tiny, 0.5), error(excerpts.tiny, 1.0))
    best, loss = start.cube, float(errors.plain.losses(start.cube[None])[0])
    while not share.over and loss > perfect:
        taken, restart = share.taken, loss > WORTH_A_RESTART and rng.random() < 0.5
        if restart:
            cube = restart_except_delay_reverb(errors.plain, best, rng)
            path = [errors.full, errors.half, errors.plain]
        elif rng.random() < 0.5:
            cube, path = perturb_bands(errors.plain, best, rng), [errors.half, errors.plain]
        else:
            cube = reset_equalizer(errors.plain, best, rng)
            path = [errors.full, errors.half, errors.plain]
        found = _descended(best, cube, path, errors, restart, share)
        if found is not None and found[1] < loss:
            best, loss = found
        if share.taken == taken:  # nowhere led downhill
            share.step("jump", loss)
    return SearchPoint(start.candidate, best)


def _descended(
    best: np.ndarray,
    cube: np.ndarray,
    path: Sequence[AnyObjective],
    errors: _Errors,
    restart: bool,
    share: BudgetShare,
) -> tuple[np.ndarray, float] | None:
    """Return where a perturbed cube descends to along a path of errors, and the last loss.

    Returns:
        None where it stays much worse than the best
    """
    begin, loss = cube, np.inf
    for error in path:
        optimizer = LevenbergMarquardt(
            RESTART_STEPS if restart else STEPS,
            reuse_jacobian=error is not errors.full,
            phase="jump",
        )
        penalized = restart and error is not errors.plain
        end = optimizer.minimize(
            with_penalty(error, begin, cube) if penalized else error, cube, share
        )
        cube, loss = end.cube, end.loss
        if loss > HOPELESS * float(error.losses(best[None])[0]):
            return None
    return cube, loss
