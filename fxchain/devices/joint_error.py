"""The mean error of a device's captures over the numbers of a layout."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fxchain.devices.layout import Layout
from fxchain.objectives.waveform_error import ChainLinearization, WaveformError

#: A move of a knob is a difference of positions, −1 to 1; in the cube of the optimizer 0 to 1.
_SPAN = 2.0


class JointError:
    """A sum of squares for second-order steps over all numbers of a layout.

    The cube of the optimizer holds the bases as they are, and half of each move plus a half.

    Args:
        members: the error of each capture, of one chain with the same free values
        layout: which values follow which knobs
    """

    def __init__(self, members: Sequence[WaveformError], layout: Layout) -> None:
        self.members, self.layout = tuple(members), layout
        bases = np.array([knob < 0 for _, knob, _ in layout.columns])
        self._scale = np.where(bases, 1.0, _SPAN)
        self._shift = np.where(bases, 0.0, -_SPAN / 2.0)
        self._share = len(self.members) ** -0.5

    def cube(self, numbers: np.ndarray) -> np.ndarray:
        """Return the cube of numbers."""
        found: np.ndarray = np.clip((numbers - self._shift) / self._scale, 0.0, 1.0)
        return found

    def numbers(self, cube: np.ndarray) -> np.ndarray:
        """Return the numbers at a cube."""
        found: np.ndarray = cube * self._scale + self._shift
        return found

    def cubes(self, cube: np.ndarray) -> np.ndarray:
        """Return the positions of the values in each capture, (captures, values)."""
        return self.layout.cubes(self.numbers(cube))

    def jacobian_indices(self) -> np.ndarray:
        """Return the numbers of values whose slopes are known."""
        known = set(map(int, self.members[0].jacobian_indices()))
        values = [value for value, _, _ in self.layout.columns]
        return np.flatnonzero([value in known for value in values])

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return all errors one after the other, (samples,); the squared norm is their mean."""
        pairs = zip(self.members, self.cubes(cube), strict=True)
        return np.concatenate([m.residual(at) for m, at in pairs]) * np.float32(self._share)

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> "JointLinearization":
        """Return the slopes along ascending coordinates."""
        known = self.members[0].jacobian_indices()
        pairs = zip(self.members, self.cubes(cube), strict=True)
        found = tuple(member.linearize(at, known) for member, at in pairs)
        return JointLinearization(found, self.layout.matrix[:, known] * self._scale, index)


@dataclass(frozen=True, eq=False)
class JointLinearization:
    """Errors of captures near a cube, as planes; see `fxchain.optim.base.Linearization`.

    Attributes:
        members: of each capture, over its values
        matrix: (captures, values, numbers)
        index: the numbers that move
    """

    members: tuple[ChainLinearization, ...]
    matrix: np.ndarray
    index: np.ndarray

    @property
    def loss(self) -> float:
        """Return the mean of the losses."""
        return float(np.mean([member.loss for member in self.members]))

    @cached_property
    def gauss_newton_hessian(self) -> np.ndarray:
        """Return the mean of AᵀHA, (moved, moved)."""
        moved = self.matrix[:, :, self.index]
        terms = [
            a.T @ member.gauss_newton_hessian @ a
            for a, member in zip(moved, self.members, strict=True)
        ]
        found: np.ndarray = np.mean(terms, axis=0)
        return found

    @property
    def slope(self) -> np.ndarray:
        """Return the mean of Aᵀg, (moved,)."""
        moved = self.matrix[:, :, self.index]
        terms = [a.T @ member.slope for a, member in zip(moved, self.members, strict=True)]
        found: np.ndarray = np.mean(terms, axis=0)
        return found

    def project(self, residual: np.ndarray) -> np.ndarray:
        """Return columns · another residual (samples,), all errors one after the other."""
        ends = np.cumsum([member.jacobian.shape[1] for member in self.members])
        pieces = np.split(residual, ends[:-1])
        rows = zip(self.matrix[:, :, self.index], self.members, pieces, strict=True)
        total: np.ndarray = np.sum([a.T @ member.project(r) for a, member, r in rows], axis=0)
        return total * len(self.members) ** -0.5
