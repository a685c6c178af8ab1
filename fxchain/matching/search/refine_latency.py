"""The fractional latency, fitted together with the knobs."""

from dataclasses import replace

import numpy as np

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.second_order_steps import compare_after, quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.objectives.latency_objective import latency_objective, latency_shift_samples

#: Another latency must lower the loss to this share, and is only tried where the chain leaves
#: this much; nearer than so many samples to a whole number it is that number.
WORTH_A_LATENCY, LATENCY_LOSS, WHOLE_SAMPLE = 0.5, 1e-5, 0.005
#: Most second-order steps of a comparison.
TRIAL = 5


def refine_latency(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Fit the latencies by parts of a sample, and shift the wets where that halves the error.

    The chain alone and the chain with the latencies take equally many steps from the same point.
    """
    best, known = state.best, [problem.latency_known for problem in context.problems]
    over = context.budget.steps_left(move.until) < 2  # one for each of the two
    over |= context.budget.portion(move.until).over
    if best is None or all(known) or not context.leaves(state, LATENCY_LOSS) or over:
        return state
    cube, excerpts = position(best), context.excerpts(state).training.brief
    plain = context.error(state, best, excerpts)
    shifted = latency_objective(best, excerpts, context.sample_rate, known)
    middle = np.append(cube, np.full(known.count(False), 0.5))
    ends = compare_after(
        ((best, cube), (best, middle)),
        (plain, shifted),
        quick(TRIAL, "latency"),
        context.budget,
        move.until,
    )
    if ends is None:
        return state
    (straight, straight_loss), (moved, moved_loss) = ends
    state = context.keep(state, best, straight)
    if moved_loss >= WORTH_A_LATENCY * straight_loss:
        return state
    found = iter(moved[len(cube) :])
    more = [0.0 if sure else latency_shift_samples(float(next(found))) for sure in known]
    shifts = np.array(state.latency_shifts) + more
    near = np.round(shifts)
    shifts = np.where(np.abs(shifts - near) < WHOLE_SAMPLE, near, shifts)
    state = replace(state, latency_shifts=tuple(shifts.tolist()))
    return context.replaced(state, context.evaluate(state, best, moved[: len(cube)]))
