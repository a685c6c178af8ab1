"""Which values of a chain follow which knobs: found by the price, tested by second order.

A layout costs ln(E + floor) + KNOB·numbers, as every chain does (`fxchain.structure.criterion`):
a value that follows a knob pays where it lowers the error by more than its numbers cost.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.devices.joint_error import JointError
from fxchain.devices.layout import Layout
from fxchain.devices.quadratic import Quadratic, quadratic_at
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.structure.criterion import FLOOR, KNOB

#: Second-order steps for a layout, at most; and for one that is tried.
STEPS, TRIED_STEPS = 30, 8
#: So many layouts are refitted at most, and so many of the most promising ones in a row in vain.
MOST_TRIED, IN_VAIN = 40, 4
_PHASE = "all positions"


@dataclass(frozen=True, eq=False)
class JointFit:
    """A layout with its numbers.

    Attributes:
        layout: which values follow which knobs
        numbers: (layout.numbers,)
        loss: mean error-to-signal ratio of the captures
    """

    layout: Layout
    numbers: np.ndarray
    loss: float

    @property
    def price(self) -> float:
        """Return what the layout costs."""
        return layout_price(self.loss, self.layout)

    @property
    def cubes(self) -> np.ndarray:
        """Return the positions of the values in each capture, (captures, values)."""
        return self.layout.cubes(self.numbers)


def layout_price(loss: float, layout: Layout) -> float:
    """Return what a layout costs that leaves an error."""
    return math.log(max(loss, 0.0) + FLOOR) + KNOB * layout.numbers


def find_following(
    members: Sequence[WaveformError], layout: Layout, cubes: np.ndarray, budget: BudgetView
) -> JointFit:
    """Return the layout with the least price that was found.

    It begins with every value following every knob, and leaves out, one after another, what the
    second-order terms of each capture's own fit say costs least. Then single ones are left out
    and taken in, each foretold by the second-order terms there and confirmed by a refit.

    Args:
        members: the error of each capture
        layout: positions and reference; what follows is ignored
        cubes: (captures, values), where each capture's own fit ended
        budget: of the refits
    """
    pruned = foretold_following(members, layout, cubes)
    best = fitted(members, pruned.layout, pruned.numbers, STEPS, budget)
    return _improved(members, best, _movable(members), budget)


def foretold_following(
    members: Sequence[WaveformError], layout: Layout, cubes: np.ndarray
) -> JointFit:
    """Return the layout that second-order terms foretell to have the least price, before any step.

    Args:
        members: the error of each capture
        layout: positions and reference; what follows is ignored
        cubes: (captures, values), where each capture's own fit ended
    """
    follows = np.zeros_like(layout.follows)
    follows[_movable(members)] = True
    full = Layout(follows, layout.positions, layout.reference)
    return _pruned(quadratic_at(JointError(members, full), cubes), full)


def _movable(members: Sequence[WaveformError]) -> np.ndarray:
    """Return the values that can follow a knob: continuous ones with known slopes."""
    slots = members[0].slots
    known = members[0].jacobian_indices()
    return np.array([at for at in known if not slots[at].spec.choices], int)


def fitted(
    members: Sequence[WaveformError],
    layout: Layout,
    numbers: np.ndarray,
    steps: int,
    budget: BudgetView,
) -> JointFit:
    """Return where second-order steps of a layout lead from numbers."""
    error = JointError(members, layout)
    cube = error.cube(numbers)
    if not len(error.jacobian_indices()):
        loss = float(np.square(error.residual(cube), dtype=np.float64).sum())
        return JointFit(layout, error.numbers(cube), loss)
    search = LevenbergMarquardt(steps, reuse_jacobian=True, phase=_PHASE)
    found = search.minimize(error, cube, budget)
    return JointFit(layout, error.numbers(found.cube), found.loss)


def _pruned(terms: Quadratic, layout: Layout) -> JointFit:
    """Leave out what lowers the price most, as it is foretold, until nothing does."""
    loss, numbers = terms.best(layout)
    price = layout_price(loss, layout)
    while layout.follows.any():
        tried: list[tuple[float, int, Layout, np.ndarray]] = []
        for value, knob in np.argwhere(layout.follows):
            other = layout.toggled(int(value), int(knob))
            loss, moved = terms.best(other)
            tried.append((layout_price(loss, other), len(tried), other, moved))
        cheapest = min(tried, key=lambda each: each[:2])
        if cheapest[0] >= price:
            break
        price, _, layout, numbers = cheapest
    return JointFit(layout, numbers, max(math.exp(price - KNOB * layout.numbers) - FLOOR, 0.0))


def _improved(
    members: Sequence[WaveformError], best: JointFit, known: np.ndarray, budget: BudgetView
) -> JointFit:
    """Leave out and take in single ones while a refit confirms that the price falls."""
    seen = {best.layout.follows.tobytes()}
    for _ in range(MOST_TRIED):
        accepted = None
        for layout, numbers in _promising(members, best, known, seen):
            if budget.over:
                return best
            seen.add(layout.follows.tobytes())
            tried = fitted(members, layout, numbers, TRIED_STEPS, budget)
            if tried.price < best.price:
                accepted = tried
                break
        if accepted is None:
            return best
        best = accepted
    return best


def _promising(
    members: Sequence[WaveformError], best: JointFit, known: np.ndarray, seen: set[bytes]
) -> list[tuple[Layout, np.ndarray]]:
    """Return the layouts one change away whose price is foretold to be lowest, with numbers."""
    terms = quadratic_at(JointError(members, best.layout), best.cubes)
    found: list[tuple[float, int, Layout, np.ndarray]] = []
    for value in map(int, known):
        for knob in range(best.layout.follows.shape[1]):
            layout = best.layout.toggled(value, knob)
            if layout.follows.tobytes() in seen:
                continue
            loss, numbers = terms.best(layout)
            found.append((layout_price(loss, layout), len(found), layout, numbers))
    found.sort(key=lambda each: each[:2])
    return [each[2:] for each in found[:IN_VAIN] if each[0] < best.price]
