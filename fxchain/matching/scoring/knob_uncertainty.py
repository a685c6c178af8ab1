"""How certain the knobs of a match are, from the curvature of the error at its end."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
import torch

from fxchain.matching.search.context import LONG_SECONDS
from fxchain.matching.search.result import FitResult
from fxchain.objectives.excerpt import choose_excerpts
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.preset.knob_ranges import KnobRanges
from fxchain.recordings.problem import Problem
from fxchain.stage import Slot, knob_name

#: A knob may be off until the error-to-signal ratio has grown by this share of itself …
SHARE = 0.01
#: … and by no less than this: a change 50 dB below the sound is about the least that is heard.
JUST_HEARD = 1e-5
#: A direction in which the sound moves less than this, squared and each knob scaled to move it by
#: one alone, is redundant. Exact ones lie at 1e-11 or below, with a compressor between at 4e-9:
#: what single precision leaves; the next best are rarely below 2e-7.
REDUNDANT = 3e-8
#: Of a redundant direction those knobs are named that move at least so much as the strongest.
TAKES_PART = 0.05
#: Samples that are multiplied at a time.
_BLOCK = 65_536


@dataclass(frozen=True)
class Knob:
    """One control of a match.

    Attributes:
        slot: where it stands, and what it is called
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
        """Return where it stands and what it is called: `chain[3].ratio`."""
        return knob_name(self.slot.path, self.slot.spec.name)


@dataclass(frozen=True)
class Uncertainty:
    """What is known about the knobs of a match.

    Attributes:
        knobs: one for each value of the chain, in order
        redundant: groups of names of knobs that trade against each other without being heard
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
        heard = [knob for knob in self.knobs if knob.audible is not False]
        return KnobRanges(
            ranges={
                knob.name: (knob.low, knob.high)
                for knob in heard
                if knob.low is not None and knob.high is not None
            },
            inaudible=frozenset(knob.name for knob in self.knobs if knob.audible is False),
            redundant=self.redundant,
        )


def measure_uncertainty(fitted: FitResult, problems: Sequence[Problem]) -> Uncertainty:
    """Tell how far each knob may be off before it is heard.

    A knob's range ends where the error-to-signal ratio has grown by 1 % of itself, but at least by
    1e-5, while all other searched knobs follow so that it grows as little as possible. The chain
    is taken as a straight line in its knobs' positions in the unit cube, and the found values as
    the best ones; where the error is large or the chain bends strongly, a range is a rough one.

    A knob cannot be heard when the whole of its range changes the sound by less than that, in the
    straight line and played at both of its ends. Of a knob whose slope is zero here and which is
    heard at an end, and of one without a slope, no range is known; except that the time of a delay,
    which moves in whole samples, is known to the sample.

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
    searched = _searched(fitted)
    try:
        return _measured(fitted, problems, searched)
    except (ArithmeticError, MemoryError, RuntimeError, np.linalg.LinAlgError):
        return _nothing_known(fitted, searched)


def _searched(fitted: FitResult) -> np.ndarray:
    """Return which values were searched, (size,)."""
    return np.ones(fitted.stage.size, dtype=bool) if fitted.free is None else fitted.free


def _nothing_known(fitted: FitResult, searched: np.ndarray) -> Uncertainty:
    slots = fitted.stage.slots()
    rows = zip(slots, fitted.values, searched, strict=True)
    return Uncertainty(
        tuple(Knob(slot, float(value), fixed=not free) for slot, value, free in rows)
    )


def _measured(fitted: FitResult, problems: Sequence[Problem], searched: np.ndarray) -> Uncertainty:
    excerpts = choose_excerpts(
        problems, LONG_SECONDS, loudness_weighting=0.0
    )  # ranges are of the plain error
    every = np.ones(fitted.stage.size, dtype=bool)
    rate = problems[0].sample_rate
    objective = make_objective(fitted.stage, fitted.values, every, excerpts, rate)
    cube = objective.cube(fitted.values)
    growth = max(SHARE * float(objective.losses(cube[None])[0]), JUST_HEARD)
    index = objective.jacobian_indices()
    curvature = _curvature(objective.jacobian(cube, index))
    if not math.isfinite(growth) or not np.isfinite(curvature).all():
        return _nothing_known(fitted, searched)

    straight = np.zeros(len(cube), dtype=bool)
    straight[index] = np.diag(curvature) > growth
    audible = straight.copy()
    for coordinate in np.flatnonzero(~straight):
        audible[coordinate] = _heard_at_an_end(objective, cube, int(coordinate), growth)

    free = searched[index]
    reach = np.full(len(cube), np.nan)
    reach[index[free]] = reach_together(curvature[np.ix_(free, free)], growth)
    # Inaudible knobs may stand anywhere; audible ones with no slope, nobody knows.
    reach[audible & ~straight] = np.nan
    knobs = tuple(
        Knob(slot, float(value), *ends, audible=bool(heard), fixed=not chosen)
        for slot, value, ends, heard, chosen in zip(
            objective.slots,
            fitted.values,
            _ends(objective, fitted.values, reach, audible & searched),
            audible,
            searched,
            strict=True,
        )
    )
    chosen = free & straight[index]
    names = [knobs[at].name for at in index[chosen]]
    groups = redundant_groups(curvature[np.ix_(chosen, chosen)])
    return Uncertainty(knobs, tuple(tuple(names[at] for at in group) for group in groups))


def _curvature(jacobian: np.ndarray) -> np.ndarray:
    """Return columns times columns in double precision: redundancy would drown in single."""
    total = torch.zeros(len(jacobian), len(jacobian), dtype=torch.float64)
    for block in torch.from_numpy(jacobian).split(_BLOCK, dim=1):
        total += block.double() @ block.double().T
    return total.numpy()


def _heard_at_an_end(
    objective: AnyObjective, cube: np.ndarray, coordinate: int, growth: float
) -> bool:
    """Tell whether the sound changes by more than can be heard at an end of a knob's range."""
    here = objective.residual(cube).astype(np.float64)
    for end in (0.0, 1.0):
        moved = cube.copy()
        moved[coordinate] = end
        change = float(np.square(objective.residual(moved) - here).sum())
        if not change < growth:
            return True
    return False


def reach_together(curvature: np.ndarray, growth: float) -> np.ndarray:
    """Return how far each position may be off while all others follow.

    Args:
        curvature: (knobs, knobs), columns times columns over the unit cube
        growth: of the error, that ends the range

    Returns:
        (knobs,), at most 1: half the width of the range. The ridge says that no knob leaves its
        range to make up for another: all of them together at their ends cost one growth.
    """
    count = len(curvature)
    if not count:
        return np.zeros(0)
    ridged = curvature + growth / count * np.eye(count)
    reach = np.sqrt(growth * np.diag(np.linalg.inv(ridged)))
    return np.minimum(reach, 1.0)


def redundant_groups(curvature: np.ndarray) -> list[list[int]]:
    """Return the groups of knobs that trade against each other without a change of the sound.

    Args:
        curvature: (knobs, knobs) over the unit cube, its diagonal positive

    Returns:
        indices, ascending. Directions that have no knob in common are told apart; those that
        have, make one group.
    """
    if len(curvature) < 2:
        return []
    scale = 1.0 / np.sqrt(np.diag(curvature))
    sizes, directions = np.linalg.eigh(curvature * np.outer(scale, scale))
    still = directions[:, sizes < REDUNDANT]
    # The projector does not depend on how eigh turns several such directions.
    projector = np.abs(still @ still.T)
    share = np.diag(projector)
    takes_part = (share > 0.0) & (share >= TAKES_PART**2 * share.max())
    linked = projector >= TAKES_PART * np.maximum.outer(share, share)
    left = [int(at) for at in np.flatnonzero(takes_part)]
    groups = []
    while left:
        group, edge = [], [left.pop(0)]
        while edge:
            group.append(edge.pop())
            edge += [at for at in left if linked[group[-1], at]]
            left = [at for at in left if at not in edge]
        groups.append(sorted(group))
    return [group for group in groups if len(group) > 1]


def _ends(
    objective: AnyObjective, values: np.ndarray, reach: np.ndarray, stepping: np.ndarray
) -> list[tuple[float | None, float | None]]:
    """Return the least and the most each value may be, physical."""
    found: list[tuple[float | None, float | None]] = []
    for slot, value, half, steps in zip(objective.slots, values, reach, stepping, strict=True):
        spec = slot.spec
        if steps and slot.name == "delay.delay_seconds":
            sample = math.floor(value * objective.sample_rate)
            ends = (sample / objective.sample_rate, (sample + 1) / objective.sample_rate)
            low, high = max(ends[0], spec.low), min(ends[1], spec.high)
        elif math.isnan(half):
            found.append((None, None))
            continue
        else:
            position = spec.normalize(float(value))
            low, high = (
                float(spec.denormalize(torch.tensor(place, dtype=torch.float64)))
                for place in (position - half, position + half)
            )
        found.append(rounded_outwards(min(low, value), max(high, value)))
    return found


def rounded_outwards(low: float, high: float) -> tuple[float, float]:
    """Return a range with four digits of each end, or three of the width if those are finer."""
    if not high > low:
        return low, high
    return _rounded(low, high - low, ROUND_FLOOR), _rounded(high, high - low, ROUND_CEILING)


def _rounded(end: float, width: float, direction: str) -> float:
    place = math.floor(math.log10(width)) - 2
    if end:
        place = min(place, math.floor(math.log10(abs(end))) - 3)
    return float(Decimal(repr(float(end))).quantize(Decimal(1).scaleb(place), direction))
