"""How certain the knobs of a match are, from the Gauss-Newton Hessian of the error at its end."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from fxchain.matching.scoring.knob_range import half_widths, knob_ranges
from fxchain.matching.scoring.redundant_knobs import redundant_groups
from fxchain.matching.search.context import LONG_SECONDS
from fxchain.matching.search.result import FitResult
from fxchain.objectives.excerpt import choose_excerpts
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.preset.knob_ranges import KnobRanges
from fxchain.recordings.problem import Problem
from fxchain.stage import Slot, knob_name

#: A knob may be off until the error-to-signal ratio has grown by this share of itself …
SHARE = 0.01
#: … and by no less than this: a change 50 dB below the sound is about the least that is audible.
JUST_AUDIBLE = 1e-5
#: Samples that are multiplied at a time.
_BLOCK = 65_536


@dataclass(frozen=True)
class Knob:
    """One control of a match.

    Attributes:
        slot: its stage and its name
        value: physical
        low: the least it may be, physical; None when that is not known or the knob is fixed
        high: the most it may be
        audible: whether it can be heard at all; None when that is not known
        fixed: it was given, not searched
    """

    slot: Slot
    value: float
    low: float | None = None
    high: float | None = None
    audible: bool | None = None
    fixed: bool = False

    @property
    def name(self) -> str:
        """Return the stage and the name: `chain[3].ratio`."""
        return knob_name(self.slot.path, self.slot.spec.name)


@dataclass(frozen=True)
class Uncertainty:
    """What is known about the knobs of a match.

    Attributes:
        knobs: one for each value of the chain, in order
        redundant: groups of names of knobs that trade against each other inaudibly
    """

    knobs: tuple[Knob, ...]
    redundant: tuple[tuple[str, ...], ...] = ()

    def metrics(self) -> dict[str, Any]:
        """Return what `metrics.json` holds: `knobs` and `redundant`."""
        rows = [
            {
                "path": knob.slot.path,
                "name": knob.slot.name,
                "unit": knob.slot.spec.unit,
                "value": knob.value,
                "low": knob.low,
                "high": knob.high,
                "audible": knob.audible,
                "fixed": knob.fixed,
            }
            for knob in self.knobs
        ]
        return {"knobs": rows, "redundant": [list(group) for group in self.redundant]}

    def ranges(self) -> KnobRanges:
        """Return what the preset's metadata hold."""
        audible = [knob for knob in self.knobs if knob.audible is not False]
        return KnobRanges(
            ranges={
                knob.name: (knob.low, knob.high)
                for knob in audible
                if knob.low is not None and knob.high is not None
            },
            inaudible=frozenset(knob.name for knob in self.knobs if knob.audible is False),
            redundant=self.redundant,
        )


def measure_uncertainty(fitted: FitResult, problems: Sequence[Problem]) -> Uncertainty:
    """Measure how far each knob may be off before that is audible.

    A knob's range ends where the error-to-signal ratio has grown by 1 % of itself, but at least by
    1e-5, while all other searched knobs follow so that it grows as little as possible. The output
    is linearized in the knobs' positions in the unit cube, and the found values count as the best
    ones; where the error is large or the chain strongly non-linear, a range is a rough one.

    A knob is inaudible when the whole of its range changes the output by less than that, in the
    linearization and played at both of its ends. No range is known of a knob without a Jacobian,
    nor of one whose Jacobian is zero here and that is audible at an end; except that a quantized
    knob, such as the time of a delay, is known to the sample.

    Args:
        fitted: the chain that was found
        problems: what it was fitted to, at least one

    Returns:
        one knob for each value; nothing is known about them when the figures are not finite

    Source:
        the confidence region of nonlinear least squares in the linear approximation (Seber and
        Wild, *Nonlinear Regression*, 1989, ch. 5), with an audible growth of the error in the
        place of a statistical one.
    """
    searched = np.ones(fitted.stage.size, dtype=bool) if fitted.free is None else fitted.free
    try:
        return _measured(fitted, problems, searched)
    except (ArithmeticError, MemoryError, RuntimeError, np.linalg.LinAlgError):
        return _nothing_known(fitted, searched)


def _nothing_known(fitted: FitResult, searched: np.ndarray) -> Uncertainty:
    rows = zip(fitted.stage.slots(), fitted.values, searched, strict=True)
    return Uncertainty(
        tuple(Knob(slot, float(value), fixed=not free) for slot, value, free in rows)
    )


def _measured(fitted: FitResult, problems: Sequence[Problem], searched: np.ndarray) -> Uncertainty:
    objective = _plain_error(fitted, problems)
    cube = objective.cube(fitted.values)
    growth = max(SHARE * float(objective.losses(cube[None])[0]), JUST_AUDIBLE)
    index = objective.jacobian_indices()
    hessian = _gauss_newton_hessian(objective.jacobian(cube, index))
    if not math.isfinite(growth) or not np.isfinite(hessian).all():
        return _nothing_known(fitted, searched)

    linear = np.zeros(len(cube), dtype=bool)  # audible in the linearization
    linear[index] = np.diag(hessian) > growth
    audible = linear.copy()
    for coordinate in np.flatnonzero(~linear):
        audible[coordinate] = _audible_at_an_end(objective, cube, int(coordinate), growth)

    free = searched[index]
    half = np.full(len(cube), np.nan)
    half[index[free]] = half_widths(hessian[np.ix_(free, free)], growth)
    half[audible & ~linear] = np.nan  # an inaudible knob may have any value, of these none is known
    rate = problems[0].sample_rate
    ranges = knob_ranges(objective.slots, fitted.values, half, audible & searched, rate)
    rows = zip(objective.slots, fitted.values, ranges, audible, searched, strict=True)
    knobs = tuple(
        Knob(slot, float(value), *ends, audible=bool(heard), fixed=not chosen)
        for slot, value, ends, heard, chosen in rows
    )
    chosen = free & linear[index]
    names = [knobs[at].name for at in index[chosen]]
    groups = redundant_groups(hessian[np.ix_(chosen, chosen)])
    return Uncertainty(knobs, tuple(tuple(names[at] for at in group) for group in groups))


def _plain_error(fitted: FitResult, problems: Sequence[Problem]) -> AnyObjective:
    """Return the unweighted error of the chain with every knob free."""
    excerpts = choose_excerpts(problems, LONG_SECONDS, loudness_weighting=0.0)
    every = np.ones(fitted.stage.size, dtype=bool)
    rate = problems[0].sample_rate
    return make_objective(fitted.stage, fitted.values, every, excerpts, rate)


def _gauss_newton_hessian(jacobian: np.ndarray) -> np.ndarray:
    """Return J·Jᵀ of (knobs, samples) in double precision: redundancy would drown in single."""
    total = torch.zeros(len(jacobian), len(jacobian), dtype=torch.float64)
    for block in torch.from_numpy(jacobian).split(_BLOCK, dim=1):
        total += block.double() @ block.double().T
    return total.numpy()


def _audible_at_an_end(
    objective: AnyObjective, cube: np.ndarray, coordinate: int, growth: float
) -> bool:
    """Tell whether the output changes by more than `growth` at an end of a knob's range."""
    here = objective.residual(cube).astype(np.float64)
    for end in (0.0, 1.0):
        moved = cube.copy()
        moved[coordinate] = end
        change = float(np.square(objective.residual(moved) - here).sum())
        if not change < growth:
            return True
    return False
