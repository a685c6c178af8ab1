"""A chain before a measured response has to earn its place.

Before a response the knobs of any filter are redundant, since the response can undo them, and where
they stand is luck. So the response is solved once more with nothing before it, and both are judged
on what was left out; where the chain explains hardly more, it goes: fewer knobs say the same, and
say it of other recordings of the device too.
"""

from dataclasses import replace

from fxchain.matching.search.response_stage import (
    NOTHING,
    cross_validated_error,
    describe,
    is_response_alone,
    response_behind,
    with_response,
    without_response,
)
from fxchain.matching.search.state import Search

#: A chain before a response must lower the error on what was left out to this share.
WORTH_A_CHAIN = 0.9
#: It is looked at when so much of the time that the response took is left.
SHARE_OF_RESPONSE = 0.25


def drop_redundant_chain(search: Search) -> None:
    """Let a response at the end stand alone where the chain before it explains hardly more.

    Nothing is done where the user holds a control.
    """
    best, response, budget = search.best, search.response, search.budget
    if best is None or response is None or search.template.locked or budget.over:
        return
    form = replace(best.form, values=best.values)
    if is_response_alone(form) or budget.seconds_left < SHARE_OF_RESPONSE * search.response_seconds:
        return
    excerpts, rate = search.whole, search.problem.sample_rate
    earned, alone = (
        cross_validated_error(before, response, excerpts, rate)
        for before in (without_response(form), NOTHING)
    )
    if earned <= WORTH_A_CHAIN * alone:
        return
    solved = response_behind(NOTHING, response, excerpts, rate)
    if solved is None:
        return
    search.response, search.notes = solved, (describe(solved),)
    search.form = with_response(NOTHING, solved)
    search.best = search.judged(search.objective(search.long).cube(search.form.values))
    search.set_loudness_weighting(0.0)
    search.budget.report("response", search.best.loss)
