"""The last steps of a search that leaves much: what the waveform leaves open, the spectra decide.

Where a chain is not the device, the least waveform error is silence in every band whose phases it
cannot follow, or whatever a faint band happens to get. Either is heard. Here both count: the
waveform error as before, and the distance of the spectra, whatever their phases, at a price that
gives a fifth of the error away for a distance less by 1. Curvature is that of the waveform error,
so that mostly what it hardly feels is moved.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from fxchain.matching.search.state import Search
from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.parallel import BudgetShare, run_parallel
from fxchain.optim.second_order import damped_step
from fxchain.structure.search_point import SearchPoint

#: The spectra have the last word where a chain leaves so much.
WORTH_SPECTRA = 3e-3
#: How much a distance less by 1 may raise the error, as a share of it.
PRICE = 0.2
#: Most steps, the damping of the first, and how often it is raised until a step is better.
STEPS, DAMPING, ATTEMPTS = 16, 0.1, 5


@dataclass(frozen=True)
class _Here:
    """A place, its sum of both and that sum's slope.

    Attributes:
        cube: (dimension,)
        total: error and priced distance
        slope: (dimension,), of the priced distance alone
    """

    cube: np.ndarray
    total: float
    slope: np.ndarray


def spectral_refinement_pays(search: Search) -> bool:
    """Tell whether the spectra may have the last word, and time is left.

    Only where a waveshaper has joined the chain: what pedalboard's own effects explain can be found
    exactly, and there the waveform alone leads on.
    """
    if search.best is None or not search.leaves(WORTH_SPECTRA):
        return False
    return any(slot.kind == "waveshaper" for slot in search.best.form.stage.slots())


def refine_spectrally(search: Search) -> None:
    """Let the spectra decide what the waveform leaves open, where much is left."""
    if not spectral_refinement_pays(search):
        return
    cube = search.return_to_best()
    place, objective = SearchPoint(search.form, cube), search.objective(search.short)
    steps = partial(spectral_steps, place, objective)
    for end in run_parallel([steps], search.budget, 1.0):
        search.take(search.judged(end.cube))


def spectral_steps(start: SearchPoint, objective: AnyObjective, share: BudgetShare) -> SearchPoint:
    """Return where a few steps by waveform and spectra lead from a place, or the place itself.

    Args:
        start: the chain and where it is
        objective: the error on what is compared
        lane: the budget
    """
    index = np.intersect1d(objective.jacobian_indices(), objective.autograd_indices())
    if not len(index):
        return start
    price = PRICE * float(objective.losses(start.cube[None])[0])

    def at(cube: np.ndarray) -> _Here:
        error, distance, slope = objective.spectral(cube)
        return _Here(cube, error + price * distance, price * slope)

    here, damping = at(start.cube), DAMPING
    share.begin()
    for _ in range(STEPS):
        if share.over:
            break
        plane = objective.linearize(here.cube, index)
        slope = plane.slope + 0.5 * here.slope[index]
        for _ in range(ATTEMPTS):
            moved = here.cube.copy()
            step = damped_step(moved[index], plane.gauss_newton_hessian, slope, damping, plane.loss)
            moved[index] = np.clip(moved[index] + step, 0.0, 1.0)
            there = at(moved)
            if there.total < here.total or share.over:
                break
            damping *= 4.0
        gained = here.total - there.total
        share.step("spectra", float(plane.loss))
        if not gained > 0.0:
            break
        here, damping = there, max(damping / 4.0, 1e-6)
    return SearchPoint(start.form, here.cube)
