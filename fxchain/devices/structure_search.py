"""The structure of a device: searched at the middle of its knobs, then where that fails."""

from collections.abc import Callable

import numpy as np

from fxchain.devices.following import foretold_following
from fxchain.devices.position_fits import Device, PositionFits, fit_positions
from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import AUDIBLE, STAGE, stage_count
from fxchain.structure.template import Template

#: Shares of the budget behind which the searches end, one after another.
SEARCHED = (0.6, 0.72, 0.8)
#: Share of the budget that each search leaves to the fits of all captures behind it.
LEFT_TO_FITS = 0.05

Search = Callable[[list[int], Template, Budget], FitResult]


def search_structure(
    device: Device, template: Template, budget: Budget, search: Search
) -> tuple[PositionFits, FitResult]:
    """Return the structure with the least price over all captures, what follows the knobs counted.

    The first search is at the reference positions. While the best structure leaves an audible
    error, the next is at the captures of which it leaves most among those that were not searched
    at: what a stage does may be hidden where a knob stands in the middle.

    Args:
        device: its captures
        template: the chain that was asked for
        budget: of everything
        search: finds a chain for captures of equal positions within a budget

    Returns:
        the structure fitted to each capture, and the search that found it
    """
    positions = device.captures.positions
    at = int(np.argmin(device.captures.distances(device.captures.reference)))
    untried = np.ones(len(positions), dtype=bool)
    best: tuple[float, PositionFits, FitResult] | None = None
    for until in SEARCHED:
        same = np.flatnonzero((positions == positions[at]).all(axis=1))
        untried[same] = False
        part = _part(budget, until - LEFT_TO_FITS)
        found = search([int(each) for each in same], template, part)
        budget.taken += part.taken
        budget.halted = budget.halted or found.interrupted
        budget.history.extend(part.history)
        number = list(map(int, same)).index(at)
        fits = fit_positions(_candidate(found, number), device, at, budget.portion(until))
        price = _price(fits, device)
        if best is None or price < best[0]:
            best = price, fits, found
        if budget.over or not untried.any() or best[1].losses.max() < AUDIBLE:
            break
        at = int(np.argmax(np.where(untried, best[1].losses, -1.0)))
    assert best is not None
    return best[1:]


def _price(fits: PositionFits, device: Device) -> float:
    """Return what a structure costs with what follows the knobs, as second order foretells it."""
    follows = foretold_following(fits.members(device), fits.layout(device), fits.cubes)
    return follows.price + STAGE * stage_count(fits.candidate.stage)


def _part(budget: Budget, until: float) -> Budget:
    """Return a budget of its own for a search up to a share of the whole."""
    steps = None if budget.steps is None else max(int(until * budget.steps) - budget.taken, 1)
    seconds = None
    if budget.seconds is not None:
        seconds = max(until * budget.seconds - budget.elapsed, 0.1 * budget.seconds)
    progress = budget.progress

    def report(phase: str, loss: float, share: float) -> None:
        if progress is not None:
            progress(phase, loss, budget.used + (until - budget.used) * share)

    return Budget(seconds=seconds, steps=steps, clock=budget.clock, progress=report)


def _candidate(found: FitResult, number: int) -> Candidate:
    """Return a chain that was found, with the latency of one of the pairs it was found at."""
    free = np.ones(len(found.values), dtype=bool) if found.free is None else found.free
    shifts = (found.latency_shifts[number],) if found.latency_shifts else ()
    return Candidate(found.stage, found.values, free, None, shifts)
