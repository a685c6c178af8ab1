"""Second-order steps over all that a copy that moves has, its filters solved anew at each.

Source:
    variable projection, G. H. Golub and V. Pereyra, 1973, with the filters as the linear variables;
    damping, K. Levenberg 1944 and D. W. Marquardt 1963.
"""

from collections.abc import Callable
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from fxchain.periodic.colours import convolved
from fxchain.periodic.copy_filters import FIRST_LENGTH, left_behind, share_left, solve_filters
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.swings import Swings

Vector = NDArray[np.float64]

#: Damping at first, by what it falls or rises, and the greatest.
DAMPING, FACTOR, MOST_DAMPING = 1e-3, 10.0, 1e2
#: Steps end where one lowers the error by less than this share.
ENOUGH = 1e-2
#: Weight of the penalty on what is not heard, relative to the energy of the wet.
PENALTY = 1e-4


class Movement(Protocol):
    """A copy that moves, with unknowns of its own behind those of its oscillators."""

    @property
    def swings(self) -> Swings:
        """Return the oscillators."""
        ...

    def played(self, part: MeasuredPart) -> Vector:
        """Return the copy of the dry, (channels, samples)."""
        ...

    def linearized(self, part: MeasuredPart) -> tuple[Vector, Vector, Vector]:
        """Return the copy and its derivatives by a shift of all that moves, (channels, samples)
        both, and by its own unknowns, (unknowns, channels, samples)."""
        ...

    def held(self) -> Vector:
        """Return what the penalty holds near 0, (unknowns,): 0 where that is nothing."""
        ...

    def moved(self, step: Vector) -> Self:
        """Return it with everything changed, the oscillators first, within what effects allow."""
        ...


M = TypeVar("M", bound=Movement)


def stepped(
    movement: M, part: MeasuredPart, steps: int, over: Callable[[], bool]
) -> tuple[float, M]:
    """Return the movement behind so many steps at most, and the share of the wet that it leaves."""
    taps, damping = round(FIRST_LENGTH * part.sample_rate), DAMPING

    def left(at: M) -> float:
        copies = at.played(part)
        return share_left(part, left_behind(part, copies, solve_filters(part, copies, taps)))

    least = left(movement)
    for _ in range(steps):
        if over():
            break
        normal, right = _normal_equations(movement, part, taps)
        scale = np.sqrt(np.diag(normal)) + 1e-30
        normal, right = normal / scale / scale[:, None], right / scale
        while damping <= MOST_DAMPING:
            step = np.linalg.solve(normal + damping * np.eye(len(scale)), right) / scale
            moved = movement.moved(step)
            loss = left(moved)
            if loss < least:
                break
            damping *= FACTOR
        else:
            break
        gained, least, movement = 1.0 - loss / least, loss, moved
        damping = max(damping / FACTOR, 1e-6)
        if gained < ENOUGH:
            break
    return least, movement


def _normal_equations(movement: Movement, part: MeasuredPart, taps: int) -> tuple[Vector, Vector]:
    """Return the equations of a Gauss–Newton step, the filters solved and held.

    What moves does so slowly that a change of it at one time is heard at that time alone.

    Returns:
        (unknowns, unknowns) and (unknowns,): weights and rates of the oscillators, then its own
    """
    copies, common, own = movement.linearized(part)
    solved = solve_filters(part, copies, taps)
    rests = left_behind(part, copies, solved)
    slopes, held = movement.swings.slopes(part.times()).T, movement.held()
    count = len(slopes) + len(own)
    normal, right = np.zeros((count, count)), np.zeros(count)
    for number, (colours, rest) in enumerate(zip(solved, rests, strict=True)):
        rows = np.concatenate([slopes * common[number], own[:, number]])
        jacobian = convolved(rows, colours.copy)
        normal, right = normal + jacobian @ jacobian.T, right + jacobian @ rest
    at = np.arange(len(slopes), count)
    weight = PENALTY * float(np.sum(part.wet**2))
    normal[at, at] += weight
    right[at] -= weight * held
    return normal, right
