"""The distance of a filter's response from another one, as a sum of squares to be minimised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch

from fxchain.alignment.fractional_delay import FARTHEST, shift_samples
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import responses

#: Change of a coordinate for a difference quotient.
_STEP = 1e-5


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The response that is wanted, and where the signal is.

    Attributes:
        points: (points,), Hz
        response: (points,), complex
        power: (points,), of the signal behind the filters, sum 1
        sample_rate: Hz
        delay_free: a delay, or an advance, costs nothing
    """

    points: np.ndarray
    response: np.ndarray
    power: np.ndarray
    sample_rate: int
    delay_free: bool = False

    @property
    def radians(self) -> np.ndarray:
        """Return the points in radians for each sample, (points,)."""
        found: np.ndarray = 2.0 * np.pi * self.points / self.sample_rate
        return found


@dataclass(frozen=True, eq=False)
class Plane:
    """A residual with its Jacobian; a `Linearization`."""

    residual: np.ndarray
    jacobian: np.ndarray

    @property
    def loss(self) -> float:
        """Return ‖r‖²."""
        return float(np.square(self.residual).sum())

    @property
    def gauss_newton_hessian(self) -> np.ndarray:
        """Return Jᵀ·J."""
        found: np.ndarray = self.jacobian @ self.jacobian.T
        return found

    @property
    def slope(self) -> np.ndarray:
        """Return Jᵀ·r."""
        return self.project(self.residual)

    def project(self, residual: np.ndarray) -> np.ndarray:
        """Return Jᵀ · another residual."""
        found: np.ndarray = self.jacobian @ residual
        return found


class ResponseDistance:
    """The distance as a sum of squares over the positions of all controls; a `LeastSquares`.

    The filters are taken in groups of one kind, each of which is computed at once. Where a delay is
    free, it is the last coordinate, ±`FARTHEST` samples.
    """

    def __init__(self, units: Sequence[Unit], wanted: Spectrum) -> None:
        self._units = sorted(units, key=lambda unit: unit.primitive.kind)
        self._wanted, self._root = wanted, np.sqrt(wanted.power)
        self._groups = [
            (primitive, len(list(group)))
            for primitive, group in groupby(self._units, lambda unit: unit.primitive)
        ]
        self.cube = np.array(
            [
                spec.normalize(value)
                for unit in self._units
                for spec, value in zip(unit.primitive.parameters, unit.values, strict=True)
            ]
        )
        self._controls = len(self.cube)
        if wanted.delay_free:
            self.cube = np.append(self.cube, 0.5)

    def jacobian_indices(self) -> np.ndarray:
        """Return all coordinates."""
        return np.arange(len(self.cube))

    def units(self, cube: np.ndarray) -> tuple[Unit, ...]:
        """Return the filters at a cube."""
        rows = (
            row for primitive, cubes in self._parts(cube) for row in values_at(primitive, cubes)
        )
        return tuple(
            Unit(unit.effect, tuple(map(float, row)), unit.free)
            for unit, row in zip(self._units, rows, strict=True)
        )

    def delay_samples(self, cube: np.ndarray) -> float:
        """Return the delay at a cube."""
        if not self._wanted.delay_free:
            return 0.0
        return shift_samples(float(cube[self._controls]))

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return the weighted difference from 1, (2·points,)."""
        return self.at(cube)[0]

    def at(self, cube: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the residual, and the gain in it."""
        quotient = self._delayed(cube) / self._wanted.response
        for primitive, cubes in self._parts(cube):
            quotient = quotient * np.prod(self._responses(primitive, cubes), axis=0)
        residual, gain = self._residuals(quotient[None])
        return residual[0], float(gain[0])

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> Plane:
        """Return the residual and its Jacobian, by difference quotients of one filter each."""
        whole, moved = self._delayed(cube) / self._wanted.response, []
        for primitive, cubes in self._parts(cube):
            count, controls = cubes.shape
            away = np.where(cubes < 0.5, _STEP, -_STEP)[:, None, :] * np.eye(controls)
            shifted = np.concatenate([cubes[:, None], cubes[:, None] + away], axis=1)
            found = self._responses(primitive, shifted.reshape(-1, controls))
            found = found.reshape(count, 1 + controls, -1)
            whole = whole * np.prod(found[:, 0], axis=0)
            moved.append((found[:, 1:] / found[:, :1]).reshape(count * controls, -1))
        if self._wanted.delay_free:
            away_samples = 2.0 * FARTHEST * (_STEP if cube[self._controls] < 0.5 else -_STEP)
            moved.append(np.exp(-1j * self._wanted.radians * away_samples)[None])
        quotients = whole * np.concatenate([np.ones((1, len(whole))), *moved])
        residuals, _ = self._residuals(quotients)
        steps = np.where(cube < 0.5, _STEP, -_STEP)
        return Plane(residuals[0], ((residuals[1:] - residuals[0]) / steps[:, None])[index])

    def _delayed(self, cube: np.ndarray) -> np.ndarray:
        """Return the response of the delay, (points,)."""
        found: np.ndarray = np.exp(-1j * self._wanted.radians * self.delay_samples(cube))
        return found

    def _parts(self, cube: np.ndarray) -> Iterator[tuple[Primitive, np.ndarray]]:
        """Yield each kind with the positions of its filters, (filters, controls)."""
        first = 0
        for primitive, count in self._groups:
            size = count * len(primitive.parameters)
            yield primitive, cube[first : first + size].reshape(count, -1)
            first += size

    def _responses(self, primitive: Primitive, cubes: np.ndarray) -> np.ndarray:
        wanted = self._wanted
        return responses(primitive, values_at(primitive, cubes), wanted.points, wanted.sample_rate)

    def _residuals(self, quotients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return √w·(g·q − 1) at the best gains g, (rows, 2·points), and these, (rows,)."""
        played = self._root * quotients
        energy = np.square(np.abs(played)).sum(axis=1)
        gains = (played.real * self._root).sum(axis=1) / np.maximum(energy, 1e-30)
        left = gains[:, None] * played - self._root
        return np.concatenate([left.real, left.imag], axis=1), gains


def values_at(primitive: Primitive, cubes: np.ndarray) -> np.ndarray:
    """Return the physical values (settings, controls) at positions of that shape."""
    columns = torch.from_numpy(np.ascontiguousarray(cubes.T))
    pairs = zip(primitive.parameters, columns, strict=True)
    return np.stack([spec.denormalize(column).numpy() for spec, column in pairs], axis=1)
