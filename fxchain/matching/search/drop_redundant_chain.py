"""A chain before a measured response goes where it explains hardly more than the response alone.

Before a response the knobs of any filter are redundant, since the response can undo them, and their
values are arbitrary. So the response is solved once more with nothing before it, and both are
cross-validated; where the chain explains hardly more, it goes: fewer knobs say the same, and
say it of other recordings of the device too.
"""

from dataclasses import replace

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.response_stage import (
    NOTHING,
    cross_validated_error,
    is_response_alone,
    response_behind,
    with_response,
    without_response,
)
from fxchain.matching.search.state import PlannedMove, SearchState

#: A chain before a response must lower the cross-validated error to this share.
WORTH_A_CHAIN = 0.9
#: It is tested when so much of the time that the response took is left.
SHARE_OF_RESPONSE = 0.25


def drop_redundant_chain(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Let a response at the end stand alone where the chain before it explains hardly more.

    Nothing is done where the user locked a control.
    """
    best, response, budget = state.best, state.response, context.budget
    if best is None or response is None or context.template.locked or budget.over:
        return state
    if is_response_alone(best) or budget.seconds_left < SHARE_OF_RESPONSE * state.response_seconds:
        return state
    excerpts, rate = context.excerpts(state).whole, context.sample_rate
    behind, alone = (
        cross_validated_error(before, response, excerpts, rate)
        for before in (without_response(best), NOTHING)
    )
    if behind <= WORTH_A_CHAIN * alone:
        return state
    solved = response_behind(NOTHING, response, excerpts, rate)
    if solved is None:
        return state
    candidate = with_response(NOTHING, solved)
    found = context.evaluate(state, candidate, position(candidate))
    state = replace(state, best=found, response=solved, pruned=())
    state = context.reweighted(state, 0.0)
    if state.best is not None and state.best.loss is not None:
        budget.report("response", state.best.loss)
    return state
