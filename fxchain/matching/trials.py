"""What a search tries on the side and keeps where it pays."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.matching.early import Place, descend
from fxchain.matching.late import late_objective, lateness
from fxchain.matching.measured import (
    NOTHING,
    describe,
    left_over,
    measure_again,
    neutral,
    propose_response,
    stands_alone,
    with_response,
)
from fxchain.matching.problem import Form
from fxchain.matching.rebuild import with_exchanged
from fxchain.matching.response import LENGTHS, MeasuredResponse
from fxchain.matching.search import Search
from fxchain.optim.lanes import side_by_side
from fxchain.primitives import get_primitive

#: No longer response is begun when this share of the budget is used up.
LAST_RESPONSE = 0.97
#: A waveshaper must lower the loss to this share to replace a distortion.
WORTH_A_WAVESHAPER = 0.8
#: A waveshaper is only tried where the distortion leaves this much.
WORTH_A_TRIAL = 3e-3
#: Another latency must lower the loss to this share, and is only tried where the chain leaves
#: this much; nearer than so many samples to a whole number it is that number.
WORTH_A_LATENCY, LATE_LOSS, WHOLE_SAMPLE = 0.5, 1e-5, 0.005
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


def try_latency(search: Search, until: float) -> None:
    """Look whether the wets are late by another part of a sample, and go on with that.

    The chain alone and the chain with the latency go the same number of steps on from the
    same place.
    """
    cube, known = search.return_to_best(), [problem.latency_known for problem in search.problems]
    if all(known) or not search.leaves(LATE_LOSS) or search.budget.share(until).over:
        return
    plain = search.objective(search.listening.brief)
    late = late_objective(search.form, search.listening.brief, plain.sample_rate, known)
    middle = np.append(cube, np.full(known.count(False), 0.5))
    searches = [
        partial(descend, Place(search.form, at), objective, TRIAL, "latency")
        for objective, at in ((plain, cube), (late, middle))
    ]
    ends = side_by_side(searches, search.budget, until)
    if len(ends) < len(searches):
        return
    losses = [
        float(objective.losses(end.cube[None])[0])
        for objective, end in zip((plain, late), ends, strict=True)
    ]
    search.keep(ends[0].cube)
    if losses[1] < WORTH_A_LATENCY * losses[0]:
        found = iter(ends[1].cube[len(cube) :])
        search.late += [0.0 if sure else lateness(float(next(found))) for sure in known]
        _shift(search, ends[1].cube[: len(cube)])


def _shift(search: Search, cube: np.ndarray) -> None:
    """Go on from a cube with the wets as late as they were found to be."""
    near = np.round(search.late)
    search.hear_late(np.where(np.abs(search.late - near) < WHOLE_SAMPLE, near, search.late))
    search.best = search.judged(cube)
    search.kept.append((search.budget.elapsed, search.best.loss))


def try_waveshaper(search: Search, until: float) -> None:
    """Exchange distortions for biased waveshapers, and go on with them if they pay.

    Both go the same number of steps on from the same place.
    """
    cube = search.return_to_best()
    kinds = {slot.kind for slot in search.form.stage.slots()}
    if "distortion" not in kinds or not search.leaves(WORTH_A_TRIAL):
        return
    straight = search.form
    plain = search.objective(search.listening.brief)
    rebuilt = with_exchanged(straight.stage, {"distortion": get_primitive("waveshaper")})
    values = rebuilt.take(plain.values(cube))
    bent = Form(rebuilt.stage, values, rebuilt.take_free(straight.free))
    other = search.listening.objective(bent, search.listening.brief)
    searches = [
        partial(descend, Place(form, at), objective, TRIAL, "trial")
        for form, at, objective in (
            (straight, cube, plain),
            (bent, other.cube(values), other),
        )
    ]
    ends = side_by_side(searches, search.budget, until)
    if len(ends) < len(searches):
        return
    losses = [
        float(objective.losses(end.cube[None])[0])
        for objective, end in zip((plain, other), ends, strict=True)
    ]
    search.keep(ends[0].cube)
    search.form = bent
    if losses[1] >= WORTH_A_WAVESHAPER * losses[0] or not search.keep(ends[1].cube):
        search.form = straight
        return
    search.notes = (
        *search.notes,
        f"a biased waveshaper lowered the error to {losses[1] / losses[0]:.0%} of the "
        "distortion's; pedalboard alone cannot play it",
    )


def try_filter(search: Search, until: float) -> None:
    """Exchange the chain for a measured response if that explains nearly all.

    For devices that are a filter: no other chain has to be tried for them. They do to the decay of
    a note what they do to its attack, so that from here on its plain error is heard, which is
    also that by which the response is solved.
    """
    if search.best is None or not search.leaves(WORTH_A_LOOK) or search.budget.share(until).over:
        return
    proposal = _proposed(search, [(_nothing(search), LENGTHS[-1])])
    if proposal is None:
        return
    best = replace(search.best.form, values=search.best.values)
    losses = [_plain_loss(search, form) for form in (best, proposal[0])]
    if max(losses[1], proposal[1].checked) <= WORTH_A_FILTER * losses[0]:
        search.hear_evened(0.0)
        _go_on_with(search, proposal, until)


def _plain_loss(search: Search, form: Form) -> float:
    """Return what a chain leaves on the long excerpt, quiet moments counting by their energy."""
    excerpts = tuple(replace(each, evening=0.0) for each in search.long)
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


def _nothing(search: Search) -> Form:
    """Return no chain at all; where the user holds a control, the first one, doing nothing."""
    return _untouched(search) if search.template.held else NOTHING


def _untouched(search: Search) -> Form:
    """Return the first chain, doing nothing."""
    template = search.template
    return neutral(Form(template.stage, np.array(template.values), template.free))


def _proposed(
    search: Search, forms: Sequence[tuple[Form, int]]
) -> tuple[Form, MeasuredResponse] | None:
    """Return the best of some chains with a response behind it, if it is worth it.

    A long one stands alone. A shorter one that was solved behind nothing gets the first chain
    before it, doing next to nothing yet, since it may be one of a device that does something more;
    not where even that is too much, since then it is all that the device is.
    """
    if search.best is None:
        return None
    best = replace(search.best.form, values=search.best.values)
    begun, part = search.budget.elapsed, search.budget.share(LAST_RESPONSE)
    rate = search.problem.sample_rate
    proposal = propose_response(best, forms, search.whole, rate, lambda: part.over)
    if proposal is not None and stands_alone(proposal[0]) and proposal[1].taps <= BEHIND_A_CHAIN:
        response = proposal[1]
        before = with_response(_untouched(search), response)
        again = measure_again(before, response, search.whole, rate)
        if again is None:
            proposal = None
        elif left_over(again, search.whole, rate) <= HARMLESS * left_over(
            proposal[0], search.whole, rate
        ):
            proposal = again, response
    search.response_seconds = search.budget.elapsed - begun
    return proposal


def _go_on_with(search: Search, proposal: tuple[Form, MeasuredResponse], until: float) -> None:
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
    again = measure_again(best, search.response, search.whole, search.problem.sample_rate)
    if again is not None:
        search.form = again
        search.keep(search.objective(search.long).cube(again.values))
