"""The fractional latency, fitted together with the knobs."""

from dataclasses import replace

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.second_order_steps import compare_after, quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.objectives.latency_objective import (
    at_latency_cube,
    latency_cube,
    latency_objective,
)

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
    here = replace(best, latency_shifts=())  # the excerpts have those of the state
    shifted = latency_objective(here, excerpts, context.sample_rate, known)
    middle = latency_cube(shifted, here, known)
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
    more = at_latency_cube(shifted, here, known, moved).latency_shifts
    pairs = zip(state.latency_shifts, more, strict=True)
    shifts = tuple(nearly_whole(before + samples) for before, samples in pairs)
    state = replace(state, latency_shifts=shifts)
    return context.replaced(state, context.evaluate(state, best, moved[: len(cube)]))


def nearly_whole(samples: float) -> float:
    """Return the nearest whole number where it is near, else the same."""
    near = float(round(samples))
    return near if abs(samples - near) < WHOLE_SAMPLE else samples
