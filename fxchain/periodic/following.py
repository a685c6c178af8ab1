"""Copies that move, followed through short windows behind the filters of dry and copy.

What a copy is made by, as a delay with some feedback, has several starts. The path of each through
steady copies is found with two levels, in a part; those that leave least go on in all of it, path
and filters in turn, each solved with the other held.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from fxchain.periodic.copy_filters import (
    FIRST_LENGTH,
    copied_and_rest,
    left_behind,
    share_left,
    solve_filters,
)
from fxchain.periodic.copy_path import Family, copy_path, heard_weights, refined_path
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.swings import Swings, find_swings

Vector = NDArray[np.float64]
M_co = TypeVar("M_co", covariant=True)

#: Starts are compared in so many seconds, and so many go on, for so many rounds.
COMPARED_SECONDS, FOLLOWED, ROUNDS = 4.0, 2, 3
#: Where a path leaves more than this share of the wet, it is none.
WORTH_A_TRY = 0.3


class Start(Protocol[M_co]):
    """What a copy may be made by."""

    def family(self, sample_rate: float) -> Family:
        """Return the steady copies."""
        ...

    def values(self, numbers: Vector, sample_rate: float) -> Vector:
        """Return what moves, in its unit, by numbers of steady copies."""
        ...

    def played(self, part: MeasuredPart, values: Vector) -> Vector:
        """Return the copy of the dry that moves as (samples,), (channels, samples)."""
        ...

    def movement(self, swings: Swings) -> M_co:
        """Return it with oscillators."""
        ...


@dataclass(frozen=True, eq=False)
class Followed(Generic[M_co]):
    """A copy whose path was followed.

    Attributes:
        movement: what it becomes
        swings: its oscillators
        late: (channels, samples), the copy along the path itself
        left: share of the wet that is left along the path
    """

    movement: M_co
    swings: Swings
    late: Vector
    left: float


def followed(
    part: MeasuredPart,
    starts: Sequence[Start[M_co]],
    further: Sequence[Start[M_co]],
    over: Callable[[], bool],
) -> list[Followed[M_co]]:
    """Return what was followed, that which leaves least first; none where it all leaves too much.

    Args:
        part: at a low sample rate
        starts: that are compared
        further: that go on beside those where they leave less than all of them
        over: tells when nothing more is compared
    """
    here, tried = part.loudest(COMPARED_SECONDS), list[tuple[float, int]]()
    every = (*starts, *further)
    for number, start in enumerate(every):
        path = copy_path(here.dry, here.wet, here.sample_rate, start.family(here.sample_rate))
        tried.append((path.left, number))
        if over():
            return []
    nearest = sorted(tried[: len(starts)])[:FOLLOWED]
    nearest += [each for each in tried[len(starts) :] if each < nearest[0]]
    likely = [_behind_filters(part, every[number]) for _, number in nearest]
    found = [each for each in likely if each is not None]
    return sorted(found, key=lambda each: each.left)


def _behind_filters(part: MeasuredPart, start: Start[M_co]) -> Followed[M_co] | None:
    """Follow a copy, then behind two filters; None where that leaves too much."""
    rate, taps = part.sample_rate, round(FIRST_LENGTH * part.sample_rate)
    family = start.family(rate)
    path = copy_path(part.dry, part.wet, rate, family)
    at, times = np.arange(part.samples), path.times
    for number in range(ROUNDS + 1):
        values = start.values(path.numbers, rate)
        copies = start.played(part, np.interp(at, times, values))
        solved = solve_filters(part, copies, taps)
        u, rest = copied_and_rest(part, solved)
        if number == ROUNDS:
            break
        path = refined_path(u, rest, rate, family)
    left = share_left(part, left_behind(part, copies, solved))
    if left > WORTH_A_TRY:
        return None
    weights = heard_weights(u, times, rate)
    swings = find_swings(part.times()[0] + times / rate, values, weights)
    return None if swings is None else Followed(start.movement(swings), swings, copies, left)
