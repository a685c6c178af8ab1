"""The last steps of a search that leaves much: what the waveform leaves open, the spectra decide.

Where a chain is not the device, the least waveform error is silence in every band whose phases it
cannot follow, or whatever a faint band happens to get. Either is heard. Here both count: the
waveform error as before, and the distance of the spectra, whatever their phases, at a price that
gives a fifth of the error away for a distance less by 1. Curvature is that of the waveform error,
so that mostly what it hardly feels is moved.
"""

from dataclasses import dataclass

import numpy as np

from fxchain.matching.early import Place
from fxchain.matching.joint import AnyObjective
from fxchain.optim.lanes import Lane
from fxchain.optim.second_order import damped_step

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


def finish_by_spectrum(start: Place, objective: AnyObjective, lane: Lane) -> Place:
    """Return where a few steps by waveform and spectra lead from a place, or the place itself.

    Args:
        start: the chain and where it is
        objective: the error on what is compared
        lane: the budget
    """
    index = np.intersect1d(objective.visible(), objective.seen_by_autograd())
    if not len(index):
        return start
    price = PRICE * float(objective.losses(start.cube[None])[0])

    def at(cube: np.ndarray) -> _Here:
        error, distance, slope = objective.spectral(cube)
        return _Here(cube, error + price * distance, price * slope)

    here, damping = at(start.cube), DAMPING
    lane.begin()
    for _ in range(STEPS):
        if lane.over:
            break
        plane = objective.slopes(here.cube, index)
        slope = plane.slope + 0.5 * here.slope[index]
        for _ in range(ATTEMPTS):
            moved = here.cube.copy()
            step = damped_step(moved[index], plane.curvature, slope, damping, plane.loss)
            moved[index] = np.clip(moved[index] + step, 0.0, 1.0)
            there = at(moved)
            if there.total < here.total or lane.over:
                break
            damping *= 4.0
        gained = here.total - there.total
        lane.step("spectra", float(plane.loss))
        if not gained > 0.0:
            break
        here, damping = there, max(damping / 4.0, 1e-6)
    return Place(start.form, here.cube)
