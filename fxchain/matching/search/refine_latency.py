"""The fractional latency, fitted together with the knobs."""

from functools import partial

import numpy as np

from fxchain.matching.search.coarse_to_fine import descend
from fxchain.matching.search.state import Search
from fxchain.matching.search.try_impulse_response import TRIAL
from fxchain.objectives.latency_objective import latency_objective, latency_shift_samples
from fxchain.optim.parallel import run_parallel
from fxchain.structure.search_point import SearchPoint

#: Another latency must lower the loss to this share, and is only tried where the chain leaves
#: this much; nearer than so many samples to a whole number it is that number.
WORTH_A_LATENCY, LATE_LOSS, WHOLE_SAMPLE = 0.5, 1e-5, 0.005


def try_latency(search: Search, until: float) -> None:
    """Look whether the wets are late by another part of a sample, and go on with that.

    The chain alone and the chain with the latency go the same number of steps on from the
    same place.
    """
    cube, known = search.return_to_best(), [problem.latency_known for problem in search.problems]
    if all(known) or not search.leaves(LATE_LOSS) or search.budget.portion(until).over:
        return
    plain = search.objective(search.listening.brief)
    late = latency_objective(search.form, search.listening.brief, plain.sample_rate, known)
    middle = np.append(cube, np.full(known.count(False), 0.5))
    searches = [
        partial(descend, SearchPoint(search.form, at), objective, TRIAL, "latency")
        for objective, at in ((plain, cube), (late, middle))
    ]
    ends = run_parallel(searches, search.budget, until)
    if len(ends) < len(searches):
        return
    losses = [
        float(objective.losses(end.cube[None])[0])
        for objective, end in zip((plain, late), ends, strict=True)
    ]
    search.keep(ends[0].cube)
    if losses[1] < WORTH_A_LATENCY * losses[0]:
        found = iter(ends[1].cube[len(cube) :])
        search.late += [
            0.0 if sure else latency_shift_samples(float(next(found))) for sure in known
        ]
        _shift(search, ends[1].cube[: len(cube)])


def _shift(search: Search, cube: np.ndarray) -> None:
    """Go on from a cube with the wets as late as they were found to be."""
    near = np.round(search.late)
    search.set_latencies(np.where(np.abs(search.late - near) < WHOLE_SAMPLE, near, search.late))
    search.best = search.judged(cube)
    search.kept.append((search.budget.elapsed, search.best.loss))
