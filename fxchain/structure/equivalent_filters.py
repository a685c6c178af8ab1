"""Other filters with the response of some filters: fewer of them, or of other kinds.

With H the response that is there, Q that of the new ones, w the power of the signal behind them
over frequency, Σw = 1, the distance of the two is

    d = min_g Σ w·|g·Q / H − 1|²,

the error-to-signal ratio that the exchange makes at that place. No audio is played: a set of
filters costs less than a millisecond. They are added one after the other, of each number the best
few are kept.

Source:
    orthogonal matching pursuit (Pati et al. 1993) for the start of a filter, all moved together by
    second-order steps behind it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch

from fxchain.optim.budget import Budget
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.player import Playback
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import response_of, responses
from fxchain.structure.proposal import amounts_allowed, moved_from_neutral, start_units

#: Sets of one number of filters that are kept, and starts of a further filter that are tried.
KEPT, TRIED = 2, 6
#: Second-order steps of those that are tried, and of those that are kept.
FIRST, FURTHER = LevenbergMarquardt(8), LevenbergMarquardt(40)
#: Of a start, at most this multiple.
MOST = 3.0
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
    """

    points: np.ndarray
    response: np.ndarray
    power: np.ndarray
    sample_rate: int


@dataclass(frozen=True)
class Equivalent:
    """Filters in the place of others.

    Attributes:
        units: the filters
        gain_db: what their response is to be raised by
        distance: see the module
    """

    units: tuple[Unit, ...]
    gain_db: float
    distance: float

    @property
    def knobs(self) -> int:
        """Return how many controls they have."""
        return sum(len(unit.values) for unit in self.units)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of the filters, sorted."""
        return tuple(sorted(unit.primitive.kind for unit in self.units))


def equivalents(
    wanted: Spectrum, primitives: Sequence[Primitive], most: int, enough: float
) -> list[Equivalent]:
    """Return sets of filters of each number, the best few of each.

    Args:
        wanted: what they are to do
        primitives: kinds of filters
        most: how many filters at most
        enough: distance at which no more are added
    """
    nothing = _fitted((), wanted, FIRST)
    found, here = [nothing], [nothing]
    further = _starts(primitives, wanted)
    while len(here[0].units) < most and here[0].distance > enough:
        starts = [start for each in here for start in _longer(each, wanted, further)]
        tried = sorted((_fitted(each, wanted, FIRST) for each in starts), key=_distance)
        kept = _distinct(tried)[:KEPT]
        here = sorted((_fitted(each.units, wanted, FURTHER) for each in kept), key=_distance)
        found += here
    return found


def _distance(of: Equivalent) -> float:
    return of.distance


def _distinct(found: Sequence[Equivalent]) -> list[Equivalent]:
    """Return the first of each set of kinds and of each distance: a shelf and the same from the
    other side leave the same."""
    first: list[Equivalent] = []
    for each in found:
        others = ((other.kinds, other.distance) for other in first)
        if not any(
            each.kinds == kinds or math.isclose(each.distance, distance, rel_tol=1e-4)
            for kinds, distance in others
        ):
            first.append(each)
    return first


def _starts(primitives: Sequence[Primitive], wanted: Spectrum) -> list[tuple[Unit, np.ndarray]]:
    """Return where a fit of a further filter may begin, with the logarithms of the responses."""
    silence = np.zeros((1, 1), dtype=np.float32)
    units = start_units(primitives, silence, Playback(wanted.sample_rate, 0), ())
    changes = (np.log(response_of((each,), wanted.points, wanted.sample_rate)) for each in units)
    return [(unit, _centred(c, wanted.power)) for unit, c in zip(units, changes, strict=True)]


def widest(primitives: Sequence[Primitive], sample_rate: int) -> tuple[Unit, ...]:
    """Return of each filter that cannot be neutral the start that changes white noise least."""
    points = np.geomspace(20.0, 0.49 * sample_rate, 100)
    flat = Spectrum(points, np.ones(100), np.full(100, 0.01), sample_rate)
    best: dict[str, tuple[float, Unit]] = {}
    cutting = [each for each in primitives if each.sections is not None and each.neutral is None]
    for unit, change in _starts(cutting, flat):
        distance = float(np.sum(flat.power * np.abs(change) ** 2))
        kind = unit.primitive.kind
        best[kind] = min(best.get(kind, (math.inf, unit)), (distance, unit), key=lambda x: x[0])
    return tuple(unit for _, unit in best.values())


def _longer(
    here: Equivalent, wanted: Spectrum, further: Sequence[tuple[Unit, np.ndarray]]
) -> list[tuple[Unit, ...]]:
    """Return the filters with a further one, those that the logarithm of the response foretells to
    be the best, of each kind at most two."""
    played = response_of(here.units, wanted.points, wanted.sample_rate)
    left = _centred(np.log(wanted.response / played), wanted.power)
    ranked = []
    for unit, change in further:
        energy = float(np.sum(wanted.power * np.abs(change) ** 2)) + 1e-20
        amount = float(np.sum(wanted.power * (left * change.conj()).real)) / energy
        if unit.primitive.neutral is None:
            amount, moved = 1.0, unit
        else:
            low, high = amounts_allowed(unit, MOST)
            amount = min(max(amount, low), high)
            moved = moved_from_neutral(unit, amount)
        distance = float(np.sum(wanted.power * np.abs(left - amount * change) ** 2))
        ranked.append((distance, moved))
    ranked.sort(key=lambda pair: pair[0])
    counts: dict[str, int] = {}
    chosen: list[tuple[Unit, ...]] = []
    for _, unit in ranked:
        kind = unit.primitive.kind
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= 2 and len(chosen) < TRIED:
            chosen.append((*here.units, unit))
    return chosen


def _centred(logarithm: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Return the logarithm of a response at the best gain."""
    found: np.ndarray = logarithm - np.sum(power * logarithm.real)
    return found


def _fitted(units: Sequence[Unit], wanted: Spectrum, steps: LevenbergMarquardt) -> Equivalent:
    """Return filters where second-order steps lead."""
    error = _Error(units, wanted)
    cube = error.cube
    if len(cube):
        cube = steps.minimize(error, cube, Budget()).cube
    residual, gain = error.at(cube)
    return Equivalent(
        error.units(cube),
        20.0 * float(np.log10(max(gain, 1e-6))),
        float(np.square(residual).sum()),
    )


@dataclass(frozen=True, eq=False)
class _Plane:
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


class _Error:
    """The distance as a sum of squares over the positions of all controls; a `LeastSquares`.

    The filters are taken in groups of one kind, each of which is computed at once.
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

    def jacobian_indices(self) -> np.ndarray:
        """Return all coordinates."""
        return np.arange(len(self.cube))

    def units(self, cube: np.ndarray) -> tuple[Unit, ...]:
        """Return the filters at a cube."""
        rows = (row for primitive, cubes in self._parts(cube) for row in _values(primitive, cubes))
        return tuple(
            Unit(unit.effect, tuple(map(float, row)), unit.free)
            for unit, row in zip(self._units, rows, strict=True)
        )

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return the weighted difference from 1, (2·points,)."""
        return self.at(cube)[0]

    def at(self, cube: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the residual, and the gain in it."""
        quotient = 1.0 / self._wanted.response
        for primitive, cubes in self._parts(cube):
            quotient = quotient * np.prod(self._responses(primitive, cubes), axis=0)
        residual, gain = self._residuals(quotient[None])
        return residual[0], float(gain[0])

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> _Plane:
        """Return the residual and its Jacobian, by difference quotients of one filter each."""
        whole, moved = 1.0 / self._wanted.response, []
        for primitive, cubes in self._parts(cube):
            count, controls = cubes.shape
            away = np.where(cubes < 0.5, _STEP, -_STEP)[:, None, :] * np.eye(controls)
            shifted = np.concatenate([cubes[:, None], cubes[:, None] + away], axis=1)
            found = self._responses(primitive, shifted.reshape(-1, controls))
            found = found.reshape(count, 1 + controls, -1)
            whole = whole * np.prod(found[:, 0], axis=0)
            moved.append((found[:, 1:] / found[:, :1]).reshape(count * controls, -1))
        quotients = whole * np.concatenate([np.ones((1, len(whole))), *moved])
        residuals, _ = self._residuals(quotients)
        steps = np.where(cube < 0.5, _STEP, -_STEP)
        return _Plane(residuals[0], ((residuals[1:] - residuals[0]) / steps[:, None])[index])

    def _parts(self, cube: np.ndarray) -> Iterator[tuple[Primitive, np.ndarray]]:
        """Yield each kind with the positions of its filters, (filters, controls)."""
        first = 0
        for primitive, count in self._groups:
            size = count * len(primitive.parameters)
            yield primitive, cube[first : first + size].reshape(count, -1)
            first += size

    def _responses(self, primitive: Primitive, cubes: np.ndarray) -> np.ndarray:
        wanted = self._wanted
        return responses(primitive, _values(primitive, cubes), wanted.points, wanted.sample_rate)

    def _residuals(self, quotients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return √w·(g·q − 1) at the best gains g, (rows, 2·points), and these, (rows,)."""
        played = self._root * quotients
        energy = np.square(np.abs(played)).sum(axis=1)
        gains = (played.real * self._root).sum(axis=1) / np.maximum(energy, 1e-30)
        left = gains[:, None] * played - self._root
        return np.concatenate([left.real, left.imag], axis=1), gains


def _values(primitive: Primitive, cubes: np.ndarray) -> np.ndarray:
    """Return the physical values (settings, controls) at positions of that shape."""
    columns = torch.from_numpy(np.ascontiguousarray(cubes.T))
    pairs = zip(primitive.parameters, columns, strict=True)
    return np.stack([spec.denormalize(column).numpy() for spec, column in pairs], axis=1)
