"""A measured filter that changes periodically, behind nothing or behind the best chain."""

import numpy as np

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.response_stage import (
    NOTHING,
    levelled_parts,
    residual_esr,
)
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.periodic.measured import MeasuredPeriodicFilter, measure_periodic_filter
from fxchain.primitives import get_primitive
from fxchain.primitives.evidence import movement
from fxchain.stage import Chain, Effect, Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages

PERIODIC = get_primitive("periodic_filter")
#: It is tried where the chain leaves this much.
WORTH_A_TRY = 1e-2
#: The error on what it was not solved from must be this share of what the best chain leaves, and of
#: what a filter leaves that does not change: at first, and where other effects were tried before.
WORTH_IT_ALONE, WORTH_IT = 0.1, 0.5


def try_periodic_filter_alone(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Take a filter that changes periodically for the whole device if that explains nearly all."""
    if context.template.locked:
        return state
    found = _proposed(NOTHING, WORTH_IT_ALONE, state, context, move)
    if found is None:
        return state
    # it treats the decay of a note as it does the attack, as it was solved
    return context.keep(context.reweighted(state, 0.0), found, position(found))


def try_periodic_filter(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Put a filter that changes periodically behind the best chain if that halves the error."""
    if state.best is None or state.response is not None:
        return state
    found = _proposed(state.best, WORTH_IT, state, context, move)
    return state if found is None else context.keep(state, found, position(found))


def _proposed(
    before: Candidate, worth: float, state: SearchState, context: SearchContext, move: PlannedMove
) -> Candidate | None:
    """Return a chain with a periodic filter behind it, None where it is not worth it.

    Rate and phase belong to one recording, so that several are not tried.
    """
    best, part = state.best, context.budget.portion(move.until)
    if best is None or len(context.problems) > 1 or part.over:
        return None
    if not context.leaves(state, WORTH_A_TRY):
        return None
    if max(map(movement, context.evidence())) <= 0.0:
        return None
    excerpts, rate = context.excerpts(state).whole, context.sample_rate
    (levelled,) = levelled_parts(before, excerpts, rate)
    found = measure_periodic_filter(levelled, rate, excerpts[0].first_sample, lambda: part.over)
    if found is None:
        return None
    bound = worth * min(found.constant, residual_esr(best, excerpts, rate))
    return with_periodic_filter(before, found) if found.checked <= bound else None


def with_periodic_filter(before: Candidate, found: MeasuredPeriodicFilter) -> Candidate:
    """Return a chain with a measured filter behind it, whose rate and phase are free."""
    (name,) = PERIODIC.assets
    values = {"rate_hz": found.rate_hz, "phase_degrees": 0.0, "mix": 1.0}
    return Candidate(
        Chain((*top_stages(before.stage), Effect(PERIODIC, {name: found.responses}))),
        np.array([*before.values, *(values[spec.name] for spec in PERIODIC.parameters)]),
        np.array([*before.free, *(spec.name != "mix" for spec in PERIODIC.parameters)]),
    )


def has_periodic_filter(candidate: Candidate | None) -> bool:
    """Tell whether a chain has a measured filter that changes periodically, in its main line."""
    return candidate is not None and any(map(_is_periodic, top_stages(candidate.stage)))


def describe_periodic(candidate: Candidate | None) -> tuple[str, ...]:
    """Return a sentence for the user where a chain has a periodic filter."""
    if candidate is None or not has_periodic_filter(candidate):
        return ()
    slots = zip(candidate.stage.slots(), candidate.values, strict=True)
    (rate,) = (v for slot, v in slots if slot.kind == PERIODIC.kind and slot.spec.name == "rate_hz")
    return (
        f"the effect moves, at {rate:.3g} Hz: a filter that changes periodically was measured and "
        "stands at the end of the chain. It captures what was played in this recording, rate and "
        "phase included, not the device; --only-knobs leaves it out",
    )


def _is_periodic(stage: Stage) -> bool:
    return isinstance(stage, Effect) and stage.primitive is PERIODIC
