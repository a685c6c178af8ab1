"""Biased waveshapers in place of distortions, kept where they lower the error."""

from functools import partial

from fxchain.matching.search.coarse_to_fine import descend
from fxchain.matching.search.state import Search
from fxchain.matching.search.try_impulse_response import TRIAL
from fxchain.optim.parallel import run_parallel
from fxchain.primitives import get_primitive
from fxchain.structure.candidate import Candidate
from fxchain.structure.edits import with_exchanged
from fxchain.structure.search_point import SearchPoint

#: A waveshaper must lower the loss to this share to replace a distortion.
WORTH_A_WAVESHAPER = 0.8


#: A waveshaper is only tried where the distortion leaves this much.
WORTH_A_TRIAL = 3e-3


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
    bent = Candidate(rebuilt.stage, values, rebuilt.take_free(straight.free))
    other = search.listening.objective(bent, search.listening.brief)
    searches = [
        partial(descend, SearchPoint(form, at), objective, TRIAL, "trial")
        for form, at, objective in (
            (straight, cube, plain),
            (bent, other.cube(values), other),
        )
    ]
    ends = run_parallel(searches, search.budget, until)
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
