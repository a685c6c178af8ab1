"""A measured impulse response behind the best chain, or in place of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.fir.impulse_response_fit import LENGTHS, MeasuredResponse, measure_response
from fxchain.matching.search.context import SearchContext, point, position
from fxchain.matching.search.response_stage import (
    NOTHING,
    WORTH_IT,
    is_response_alone,
    levelled_parts,
    propose_response,
    refit_response,
    residual_esr,
    with_response,
)
from fxchain.matching.search.second_order_steps import descend, quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.structure.candidate import Candidate
from fxchain.structure.neutral import neutral_candidate

#: No longer response is begun when this share of the budget is used up.
LAST_RESPONSE = 0.97
#: A measured response is only tried where the chain leaves this much.
WORTH_A_RESPONSE = 1e-2
#: Behind a chain that does something a response has at most so many taps: a longer one is the whole
#: device, a plate or a spring, or overfits a short recording.
BEHIND_A_CHAIN = 16_384
#: A chain at its neutral values may raise what a response leaves by this factor.
HARMLESS = 2.0
#: Whether the device is a filter is tested where the chain leaves this much; it is one where a
#: response alone lowers the error to this share.
WORTH_A_TEST, WORTH_A_FILTER = 0.05, 0.2
#: Most second-order steps before a measured response.
MEASURED = 8

Proposal = tuple[Candidate, MeasuredResponse]


def try_filter_alone(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Exchange the chain for a measured response if that explains nearly all.

    For devices that are a linear filter: no other chain has to be tried for them. Such a device
    treats the decay of a note as it does the attack, so that from here on the loudness weighting is
    0, which is also how the response is solved.
    """
    best, part = state.best, context.budget.portion(move.until)
    if best is None or not context.leaves(state, WORTH_A_TEST) or part.over:
        return state
    given, rate, begun = _as_given(state), context.sample_rate, context.budget.elapsed
    bound = WORTH_A_FILTER * residual_esr(best, context.excerpts(state).whole, rate)
    parts = levelled_parts(_nothing(context), context.excerpts(given).whole, rate)
    response = measure_response(parts, rate, None, LENGTHS[-1], lambda: part.over, bound)
    state = replace(state, alone=response, response_seconds=context.budget.elapsed - begun)
    proposal = _alone(state, context)
    if proposal is None:
        return state
    left = _unweighted_loss(state, context, best)
    if max(_unweighted_loss(given, context, proposal[0]), proposal[1].checked) > (
        WORTH_A_FILTER * left
    ):
        return state
    return _exchange(state, context, proposal, move.until)


def _alone(state: SearchState, context: SearchContext) -> Proposal | None:
    """Return the response that was solved for all of the device, behind the first chain if short.

    It has the latencies of the aligner: those that a chain was found with are none of a filter's.
    """
    if state.alone is None:
        return None
    candidate = with_response(_nothing(context), state.alone)
    return _behind_neutral_chain((candidate, state.alone), _as_given(state), context)


def _as_given(state: SearchState) -> SearchState:
    """Return the state with the latencies of the aligner."""
    return replace(state, latency_shifts=(0.0,) * len(state.latency_shifts))


def _exchange(
    state: SearchState, context: SearchContext, proposal: Proposal, until: float
) -> SearchState:
    """Exchange the chain for the response that was solved for all of the device."""
    return _descend_before(context.reweighted(_as_given(state), 0.0), context, proposal, until)


def _unweighted_loss(state: SearchState, context: SearchContext, candidate: Candidate) -> float:
    """Return what a candidate leaves on the long excerpts without loudness weighting."""
    long = context.excerpts(state).long
    excerpts = tuple(replace(each, loudness_weighting=0.0) for each in long)
    error = context.error(state, candidate, excerpts)
    return float(error.losses(error.cube(candidate.values)[None])[0])


def try_impulse_response(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Put a measured response behind the chain if that at least halves the error.

    It is solved behind the best chain so far, and, for devices that are mostly a filter, behind
    nothing, unless it was before; the better one goes on, and is kept if it is better at its end.
    """
    best = state.best
    if best is None or state.response is not None or not context.leaves(state, WORTH_A_RESPONSE):
        return state
    if context.budget.portion(LAST_RESPONSE).over:
        return state
    candidates = [(best, BEHIND_A_CHAIN)]
    if state.alone is None:
        candidates.append((_nothing(context), LENGTHS[-1]))
    state, proposal = _proposed(state, context, candidates)
    if state.alone is not None and state.alone.checked < _bound(state, context, best, proposal):
        proposal = _alone(state, context)
        return state if proposal is None else _exchange(state, context, proposal, move.until)
    return state if proposal is None else _descend_before(state, context, proposal, move.until)


def _bound(
    state: SearchState, context: SearchContext, best: Candidate, proposal: Proposal | None
) -> float:
    """Return what a response alone must leave less than: the one behind the chain, if any."""
    if proposal is not None:
        return proposal[1].checked
    return WORTH_IT * residual_esr(best, context.excerpts(state).whole, context.sample_rate)


def _nothing(context: SearchContext) -> Candidate:
    """Return no chain at all; where the user locked a control, the first chain, neutral."""
    return _neutral(context) if context.template.locked else NOTHING


def _neutral(context: SearchContext) -> Candidate:
    """Return the first chain at its neutral values."""
    template = context.template
    return neutral_candidate(Candidate(template.stage, np.array(template.values), template.free))


def _proposed(
    state: SearchState,
    context: SearchContext,
    candidates: Sequence[tuple[Candidate, int]],
) -> tuple[SearchState, Proposal | None]:
    """Return the best of some chains with a response behind it, if it is worth it.

    A long one stands alone. A shorter one that was solved without a chain gets the first
    chain before it, at neutral values, since the device may do more; not where even that is too
    much, since then the response is all that the device is.
    """
    best, budget = state.best, context.budget
    if best is None:
        return state, None
    begun, part = budget.elapsed, budget.portion(LAST_RESPONSE)
    rate, whole = context.sample_rate, context.excerpts(state).whole
    proposal = propose_response(best, candidates, whole, rate, lambda: part.over)
    if proposal is not None and is_response_alone(proposal[0]):
        proposal = _behind_neutral_chain(proposal, state, context)
    return replace(state, response_seconds=budget.elapsed - begun), proposal


def _behind_neutral_chain(
    proposal: Proposal, state: SearchState, context: SearchContext
) -> Proposal | None:
    """Return a short response behind the first chain, the response alone where that is worse."""
    alone, response = proposal
    if response.taps > BEHIND_A_CHAIN:
        return proposal
    rate, whole = context.sample_rate, context.excerpts(state).whole
    before = with_response(_neutral(context), response)
    again = refit_response(before, response, whole, rate)
    if again is None:
        return None
    if residual_esr(again, whole, rate) <= HARMLESS * residual_esr(alone, whole, rate):
        return again, response
    return proposal


def _descend_before(
    state: SearchState, context: SearchContext, proposal: Proposal, until: float
) -> SearchState:
    """Take second-order steps before a response, and keep both if they are better then."""
    candidate, response = proposal
    state = context.keep(state, candidate, position(candidate))
    if state.best is not None and state.best.loss is not None:
        context.budget.report("response", state.best.loss)
    objective = context.error(state, candidate, context.excerpts(state).short)
    optimizer = quick(MEASURED, "response")
    cube = descend(point(candidate), objective, optimizer, context.budget, until)
    state = context.keep(state, candidate, cube)
    if state.best is None or state.best.stage is not candidate.stage:
        return state
    return replace(state, response=response)


def refit_last_response(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Solve the response at the end once more for what the chain has become."""
    if state.response is None or state.best is None or context.budget.over:
        return state
    if context.budget.seconds_left < state.response_seconds / 2.0:
        return state
    whole = context.excerpts(state).whole
    again = refit_response(state.best, state.response, whole, context.sample_rate)
    return state if again is None else context.keep(state, again, position(again))
