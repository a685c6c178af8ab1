"""Filters whose poles and zeros are those of a rational response.

Each filter takes as many poles as zeros. How near one of each kind comes to the response of some
poles and zeros is fitted for all choices of them at once; the choices that use every pole and every
zero once, with the least sum of the distances, are filters in a row.

Source:
    the pairing of poles and zeros of cascades (Jackson, "Digital filters and signal processing",
    1986), with the distance from what a kind of filter can do in the place of the distance between
    pole and zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch

from fxchain.iir.filter_starts import centred
from fxchain.iir.nearest_of_each import nearest_of_each
from fxchain.iir.response_distance import Spectrum
from fxchain.iir.vector_fitting import RationalResponse, plane_of
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit

#: Choices that are kept while one pole after the other is taken, and sets that are returned.
KEPT, RETURNED = 24, 3

#: Roots by their numbers; of a pair the one with a positive imaginary part.
Roots = frozenset[int]


@dataclass(frozen=True)
class Realized:
    """A filter in the place of some poles and zeros.

    Attributes:
        poles: that it takes
        zeros: that it takes
        unit: the filter
        distance: of its logarithmic response from theirs
    """

    poles: Roots
    zeros: Roots
    unit: Unit
    distance: float


def realizations(
    response: RationalResponse, wanted: Spectrum, primitives: Sequence[Primitive]
) -> list[tuple[Unit, ...]]:
    """Return sets of filters with nearly these poles and zeros, the nearest first; none where the
    kinds of filters cannot take them all."""
    wanted = _coarser(wanted)
    found = list(_realized(response, wanted, primitives))
    states: list[tuple[float, Roots, Roots, tuple[Unit, ...]]] = [
        (0.0, frozenset(), frozenset(), ())
    ]
    whole = frozenset(range(len(response.poles)))
    complete: list[tuple[float, tuple[Unit, ...]]] = []
    while states:
        longer = []
        for distance, poles, zeros, units in states:
            first = min(whole - poles)
            for each in found:
                if first in each.poles and not (each.poles & poles or each.zeros & zeros):
                    total = distance + each.distance
                    taken = poles | each.poles
                    if taken == whole:
                        complete.append((total, (*units, each.unit)))
                    else:
                        longer.append((total, taken, zeros | each.zeros, (*units, each.unit)))
        states = sorted(longer, key=lambda state: state[0])[:KEPT]
    complete.sort(key=lambda pair: pair[0])
    return [units for _, units in complete[:RETURNED]]


def _coarser(wanted: Spectrum) -> Spectrum:
    """Return every other point, where no filter has a delay of its own: choices are only ranked."""
    power = wanted.power[::2] / wanted.power[::2].sum()
    points, response = wanted.points[::2], wanted.response[::2]
    return Spectrum(points, response, power, wanted.sample_rate)


def _realized(
    response: RationalResponse, wanted: Spectrum, primitives: Sequence[Primitive]
) -> Iterator[Realized]:
    """Yield filters of each kind for every choice of poles and zeros of its order."""
    s = plane_of(wanted.points, wanted.sample_rate)
    above, below = _factors(s, response.zeros), _factors(s, response.poles)
    for primitive in primitives:
        order = order_of(primitive, wanted.sample_rate)
        pairs = [
            (poles, zeros)
            for poles in _choices(response.poles, order)
            for zeros in _choices(response.zeros, order)
        ]
        if not pairs:
            continue
        targets = [
            centred(sum(above[i] for i in zeros) - sum(below[i] for i in poles), wanted)
            for poles, zeros in pairs
        ]
        units, distances = nearest_of_each(primitive, np.stack(targets), wanted)
        for (poles, zeros), unit, distance in zip(pairs, units, distances, strict=True):
            yield Realized(poles, zeros, unit, float(distance))


def _factors(s: np.ndarray, roots: Sequence[complex]) -> np.ndarray:
    """Return log(1 − s/root), of pairs the sum of both, (roots, points)."""
    found = np.zeros((len(roots), len(s)), dtype=np.complex128)
    for row, root in zip(found, roots, strict=True):
        away = root if root != 0.0 else -1e-12
        row += np.log(s - away) - np.log(max(abs(away), 1e-12))
        if root.imag:
            row += np.log(s - away.conjugate()) - np.log(abs(away))
    return found


def order_of(primitive: Primitive, sample_rate: int) -> int:
    """Return how many poles a kind of filter has."""
    assert primitive.sections is not None
    defaults = {
        spec.name: torch.tensor([spec.default], dtype=torch.float64)
        for spec in primitive.parameters
    }
    rows = primitive.sections(sample_rate, **defaults)[:, 0]
    return int(sum(2 if bool(row[2]) or bool(row[5]) else 1 for row in rows))


def _choices(roots: Sequence[complex], order: int) -> list[Roots]:
    """Return the roots of which there are so many, a pair counted as two."""
    real = [i for i, root in enumerate(roots) if not root.imag]
    pairs = [frozenset((i,)) for i, root in enumerate(roots) if root.imag]
    singles = [frozenset(each) for each in combinations(real, order)]
    return singles + (pairs if order == 2 else [])
