"""What a search tries on the side and keeps where it pays."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.fir.impulse_response_fit import LENGTHS, MeasuredResponse
from fxchain.matching.search.response_stage import (
    NOTHING,
    describe,
    is_response_alone,
    propose_response,
    refit_response,
    residual_esr,
    with_response,
)
from fxchain.matching.search.state import Search
from fxchain.structure.candidate import Candidate
from fxchain.structure.neutral import neutral_candidate

#: No longer response is begun when this share of the budget is used up.
LAST_RESPONSE = 0.97
#: A measured response is only tried where the chain leaves this much.
WORTH_A_RESPONSE = 1e-2
#: Behind a chain that does something a response has at most so many taps: a longer one is the whole
#: device, a plate or a spring, or learns a short recording by heart.
BEHIND_A_CHAIN = 16_384
#: A chain that does nothing yet may raise what a response leaves by this factor.
HARMLESS = 2.0
#: Whether the device is a filter is looked at where the chain leaves this much; it is one where a
#: response alone lowers the error to this share.
WORTH_A_LOOK, WORTH_A_FILTER = 0.05, 0.2
#: Most second-order steps of a trial, and behind a measured response.
TRIAL, MEASURED = 5, 8


def try_filter(search: Search, until: float) -> None:
    """Exchange the chain for a measured response if that explains nearly all.

    For devices that are a filter: no other chain has to be tried for them. They do to the decay of
    a note what they do to its attack, so that from here on its plain error is heard, which is
    also that by which the response is solved.
    """
    if search.best is None or not search.leaves(WORTH_A_LOOK) or search.budget.portion(until).over:
        return
    proposal = _proposed(search, [(_nothing(search), LENGTHS[-1])])
    if proposal is None:
        return
    best = replace(search.best.form, values=search.best.values)
    losses = [_plain_loss(search, form) for form in (best, proposal[0])]
    if max(losses[1], proposal[1].checked) <= WORTH_A_FILTER * losses[0]:
        search.set_loudness_weighting(0.0)
        _go_on_with(search, proposal, until)


def _plain_loss(search: Search, form: Candidate) -> float:
    """Return what a chain leaves on the long excerpt, quiet moments counting by their energy."""
    excerpts = tuple(replace(each, loudness_weighting=0.0) for each in search.long)
    objective = search.listening.objective(form, excerpts)
    return float(objective.losses(objective.cube(form.values)[None])[0])


def try_response(search: Search, until: float) -> None:
    """Put a measured response behind the chain if that at least halves the error.

    It is solved behind the best chain so far, and for devices that are mostly a filter behind
    nothing; the better goes on, and is kept if it is better at its end.
    """
    if search.best is None or search.response is not None or not search.leaves(WORTH_A_RESPONSE):
        return
    best = replace(search.best.form, values=search.best.values)
    proposal = _proposed(search, [(best, BEHIND_A_CHAIN), (_nothing(search), LENGTHS[-1])])
    if proposal is not None:
        _go_on_with(search, proposal, until)


def _nothing(search: Search) -> Candidate:
    """Return no chain at all; where the user holds a control, the first one, doing nothing."""
    return _untouched(search) if search.template.locked else NOTHING


def _untouched(search: Search) -> Candidate:
    """Return the first chain, doing nothing."""
    template = search.template
    return neutral_candidate(Candidate(template.stage, np.array(template.values), template.free))


def _proposed(
    search: Search, forms: Sequence[tuple[Candidate, int]]
) -> tuple[Candidate, MeasuredResponse] | None:
    """Return the best of some chains with a response behind it, if it is worth it.

    A long one stands alone. A shorter one that was solved behind nothing gets the first chain
    before it, doing next to nothing yet, since it may be one of a device that does something more;
    not where even that is too much, since then it is all that the device is.
    """
    if search.best is None:
        return None
    best = replace(search.best.form, values=search.best.values)
    begun, part = search.budget.elapsed, search.budget.portion(LAST_RESPONSE)
    rate = search.problem.sample_rate
    proposal = propose_response(best, forms, search.whole, rate, lambda: part.over)
    if (
        proposal is not None
        and is_response_alone(proposal[0])
        and proposal[1].taps <= BEHIND_A_CHAIN
    ):
        response = proposal[1]
        before = with_response(_untouched(search), response)
        again = refit_response(before, response, search.whole, rate)
        if again is None:
            proposal = None
        elif residual_esr(again, search.whole, rate) <= HARMLESS * residual_esr(
            proposal[0], search.whole, rate
        ):
            proposal = again, response
    search.response_seconds = search.budget.elapsed - begun
    return proposal


def _go_on_with(search: Search, proposal: tuple[Candidate, MeasuredResponse], until: float) -> None:
    """Descend before a response, and keep it if it is better then."""
    straight = search.form
    search.form, response = proposal
    search.keep(search.objective(search.long).cube(search.form.values))
    if search.best is not None:
        search.budget.report("response", search.best.loss)
    objective = search.objective(search.short)
    cube = objective.cube(search.form.values)
    search.keep(search.descend(cube, objective, MEASURED, "response", until))
    if search.best is None or search.best.form.stage is not search.form.stage:
        search.form = straight
        return
    search.response = response
    search.notes = (*search.notes, describe(response))


def solve_again(search: Search) -> None:
    """Solve the response at the end anew for what the chain has become."""
    if search.response is None or search.best is None or search.budget.over:
        return
    if search.budget.seconds_left < search.response_seconds / 2.0:
        return
    best = replace(search.best.form, values=search.best.values)
    again = refit_response(best, search.response, search.whole, search.problem.sample_rate)
    if again is not None:
        search.form = again
        search.keep(search.objective(search.long).cube(again.values))
