"""Which values of a chain follow which knobs, and the numbers that say how.

Each value p of the chain has a position in the unit cube. Where a capture has the knobs at
s = (s_1, s_2 …),

    p(s) = base_p + sum over the knobs k that p follows of move_pk(s_k),    move_pk(reference) = 0:

one number for the base, and for each knob that it follows one for each captured position but the
reference. All positions of all captures are so a linear function of all numbers, A·x.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Layout:
    """Which values follow which knobs.

    Attributes:
        follows: (values, knobs) bool
        positions: (captures, knobs)
        reference: (knobs,), positions at which no knob moves anything
    """

    follows: np.ndarray
    positions: np.ndarray
    reference: np.ndarray

    @cached_property
    def columns(self) -> tuple[tuple[int, int, float], ...]:
        """Return for each number its value, its knob, and its position of the knob; the knob −1
        for the base."""
        found = []
        for value, knobs in enumerate(self.follows):
            found.append((value, -1, 0.0))
            for knob in np.flatnonzero(knobs):
                for position in np.unique(self.positions[:, knob]):
                    if position != self.reference[knob]:
                        found.append((value, int(knob), float(position)))
        return tuple(found)

    @cached_property
    def matrix(self) -> np.ndarray:
        """Return A, (captures, values, numbers)."""
        count, values = len(self.positions), len(self.follows)
        found = np.zeros((count, values, len(self.columns)))
        for number, (value, knob, position) in enumerate(self.columns):
            there = np.ones(count, bool) if knob < 0 else self.positions[:, knob] == position
            found[there, value, number] = 1.0
        return found

    @property
    def numbers(self) -> int:
        """Return how many numbers there are."""
        return len(self.columns)

    def cubes(self, numbers: np.ndarray) -> np.ndarray:
        """Return the positions of all values, (captures, values), clamped to the cube."""
        found: np.ndarray = np.clip(self.matrix @ numbers, 0.0, 1.0)
        return found

    def nearest(self, cubes: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the numbers (numbers,) whose positions come nearest to (captures, values)."""
        captures, values, count = self.matrix.shape
        flat = self.matrix.reshape(captures * values, count)
        scale = np.ones(len(flat)) if weights is None else np.sqrt(weights).reshape(-1)
        return np.linalg.lstsq(flat * scale[:, None], cubes.reshape(-1) * scale, rcond=None)[0]

    def toggled(self, value: int, knob: int) -> "Layout":
        """Return the layout where a value follows a knob that it did not, or the other way."""
        follows = self.follows.copy()
        follows[value, knob] = not follows[value, knob]
        return replace(self, follows=follows)
