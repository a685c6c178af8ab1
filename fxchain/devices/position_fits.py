"""One structure, fitted to each capture by itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from fxchain.devices.captures import Captures
from fxchain.devices.layout import Layout
from fxchain.devices.starts import error_at, scanned, starts_from
from fxchain.matching.search.delay_reverb_evolution import refine_delay_samples
from fxchain.objectives.excerpt import Excerpt, choose_excerpt, exactly
from fxchain.objectives.latency_objective import (
    at_latency_cube,
    latency_cube,
    latency_objective,
)
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import FLOOR, KNOB
from fxchain.structure.knob_vector import KnobVector

#: What is compared of each capture, s.
SECONDS = 2.0
#: Where a capture leaves more than so many times the error at the start, a value may have moved too
#: far for second-order steps: other beginnings are tried.
STUCK = 3.0
#: Second-order steps for each capture, at most.
STEPS = 25
_PHASE = "each position"


@dataclass(frozen=True, eq=False)
class Device:
    """What a device was recorded as.

    Attributes:
        captures: positions of the knobs
        problems: dry and wet of each capture, the part that is fitted
        sample_rate: Hz
    """

    captures: Captures
    problems: tuple[Problem, ...]
    sample_rate: int

    def excerpt(self, at: int) -> Excerpt:
        """Return what is compared of a capture."""
        return exactly((choose_excerpt(self.problems[at], SECONDS),))[0]


@dataclass(frozen=True, eq=False)
class PositionFits:
    """A structure with values of their own for each capture.

    Attributes:
        candidate: the structure, with the values of the capture that it was found at
        cubes: (captures, values), positions of the free values
        losses: (captures,), error-to-signal ratios on the excerpts
        latency_shifts: for each capture, how many samples later than aligned its wet is
    """

    candidate: Candidate
    cubes: np.ndarray
    losses: np.ndarray
    latency_shifts: tuple[float, ...]

    @property
    def vector(self) -> KnobVector:
        """Return the way from cubes to values."""
        return KnobVector(self.candidate.stage, self.candidate.values, self.candidate.free)

    def layout(self, device: Device) -> Layout:
        """Return the layout in which no value follows a knob."""
        captures = device.captures
        nothing = np.zeros((self.cubes.shape[1], len(captures.knobs)), dtype=bool)
        return Layout(nothing, captures.positions, captures.reference)

    def members(self, device: Device) -> list[WaveformError]:
        """Return the error of each capture, aligned as its fit found."""
        stage, values, free = self.candidate.stage, self.candidate.values, self.candidate.free
        shifts = enumerate(self.latency_shifts)
        excerpts = [device.excerpt(at).shifted(shift) for at, shift in shifts]
        return [WaveformError(stage, values, free, each, device.sample_rate) for each in excerpts]


def fit_positions(
    candidate: Candidate, device: Device, start: int, budget: BudgetView
) -> PositionFits:
    """Fit a structure to each capture, from the values of those near that were fitted before.

    Args:
        candidate: the structure, with values for one capture
        device: its captures
        start: number of that capture
        budget: of the second-order steps; each capture is fitted until it ends
    """
    count = len(device.problems)
    own = replace(candidate, latency_shifts=candidate.latency_shifts[:1], loss=None)
    fitted = {start: _fitted(own, device, start, budget)}
    near = device.captures.distances(device.captures.positions[start])
    for at in map(int, np.argsort(near, kind="stable")):
        if at not in fitted:
            begins = starts_from(fitted, device.captures, at)
            fitted[at] = _fitted(min(begins, key=partial(_error, device, at)), device, at, budget)
    _fit_again(fitted, device, STUCK * ((fitted[start].loss or 0.0) + FLOOR), budget)
    found = [fitted[at] for at in range(count)]
    vector = KnobVector(candidate.stage, candidate.values, candidate.free)
    return PositionFits(
        fitted[start],
        np.array([vector.cube(each.values) for each in found]).reshape(count, -1),
        np.array([each.loss for each in found]),
        tuple(each.latency_shifts[0] if each.latency_shifts else 0.0 for each in found),
    )


def _fitted(begin: Candidate, device: Device, at: int, budget: BudgetView) -> Candidate:
    """Return where second-order steps on a capture lead, with its latency where that pays.

    Values that were found with a latency belong to it: steps without it lead them away.
    """
    excerpt = device.excerpt(at)
    steady = _steps(replace(begin, latency_shifts=()), excerpt, device.sample_rate, True, budget)
    late = bool(begin.latency_shifts) or (steady.loss or 0.0) > FLOOR
    if device.problems[at].latency_known or not late or budget.over:
        return steady
    moved = _steps(
        begin if begin.latency_shifts else steady, excerpt, device.sample_rate, False, budget
    )
    return moved if _price(moved) + KNOB < _price(steady) else steady


def _fit_again(
    fitted: dict[int, Candidate], device: Device, enough: float, budget: BudgetView
) -> None:
    """Fit captures that leave more than enough from other beginnings, while one of them helps."""
    tried = set()
    while not budget.over:
        stuck = {at for at, each in fitted.items() if (each.loss or 0.0) > enough}
        right = {at: each for at, each in fitted.items() if at not in stuck}
        waiting = [at for at in stuck if (at, tuple(right)) not in tried]
        if not waiting or not right:
            return
        at = min(waiting, key=lambda each: fitted[each].loss or 0.0)
        tried.add((at, tuple(right)))
        begins = starts_from(right, device.captures, at)
        begins += [scanned(each, device.excerpt(at), device.sample_rate) for each in begins]
        for begin in sorted(begins, key=partial(_error, device, at)):
            again = _fitted(begin, device, at, budget)
            fitted[at] = min(fitted[at], again, key=_price)
            if (fitted[at].loss or 0.0) <= enough or budget.over:
                break


def _error(device: Device, at: int, begin: Candidate) -> float:
    """Return what values leave of a capture before any step."""
    error = error_at(begin, device.excerpt(at), device.sample_rate)
    return float(error.losses(error.cube(begin.values)[None])[0])


def _steps(
    begin: Candidate, excerpt: Excerpt, sample_rate: int, latency_known: bool, budget: BudgetView
) -> Candidate:
    known: Sequence[bool] = (latency_known,)
    error = latency_objective(begin, (excerpt,), sample_rate, known)
    cube = latency_cube(error, begin, known)
    if len(error.jacobian_indices()):
        steps = LevenbergMarquardt(STEPS, reuse_jacobian=True, phase=_PHASE)
        cube = steps.minimize(error, cube, budget).cube
    found = at_latency_cube(error, begin, known, cube)
    shift = found.latency_shifts[0] if found.latency_shifts else 0.0
    stage, values, free = found.stage, found.values, found.free
    plain = WaveformError(stage, values, free, excerpt.shifted(shift), sample_rate)
    cube = plain.cube(values)
    loss = float(plain.losses(cube[None])[0])
    cube, loss = refine_delay_samples(plain, cube, loss)
    return found.at(plain.values(cube), float(loss))


def _price(candidate: Candidate) -> float:
    return math.log((candidate.loss or 0.0) + FLOOR)
