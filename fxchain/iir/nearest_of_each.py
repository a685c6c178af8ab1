"""The nearest filter of one kind to each of many responses, all fitted at the same time."""

from collections.abc import Sequence

import numpy as np

from fxchain.iir.filter_starts import Start, centred, moved_by, starts
from fxchain.iir.response_distance import Spectrum, values_at
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import responses

#: Damped Gauss-Newton steps, their first damping, and change of a coordinate for a difference
#: quotient.
_STEPS, _DAMPING, _AWAY = 8, 1e-2, 1e-5


def nearest_of_each(
    primitive: Primitive, targets: np.ndarray, wanted: Spectrum
) -> tuple[list[Unit], np.ndarray]:
    """Return for each target the nearest filter of a kind.

    Args:
        primitive: the kind
        targets: (targets, points), logarithms of responses, at the best gains
        wanted: the points, and the power of the signal there

    Returns:
        filters, and their distances Σ w·|log R − target|², (targets,)
    """
    begun = starts([primitive], wanted)
    units = [_nearest(begun, target, wanted) for target in targets]
    specs = primitive.parameters
    cubes = np.array(
        [[s.normalize(v) for s, v in zip(specs, unit.values, strict=True)] for unit in units]
    )
    left = _residuals(primitive, cubes, targets, wanted)
    losses, damping = np.square(left).sum(axis=1), np.full(len(cubes), _DAMPING)
    for _ in range(_STEPS):
        slopes = []
        for column in range(cubes.shape[1]):
            away = cubes.copy()
            step = np.where(cubes[:, column] < 0.5, _AWAY, -_AWAY)
            away[:, column] += step
            moved = _residuals(primitive, away, targets, wanted)
            slopes.append((moved - left) / step[:, None])
        jacobian = np.stack(slopes, axis=1)
        hessian = jacobian @ jacobian.swapaxes(1, 2)
        diagonal = np.einsum("kii->ki", hessian)
        diagonal += damping[:, None] * diagonal + 1e-30
        slope = np.einsum("kij,kj->ki", jacobian, left)
        tried = np.clip(cubes - np.linalg.solve(hessian, slope[:, :, None])[:, :, 0], 0.0, 1.0)
        there = _residuals(primitive, tried, targets, wanted)
        after = np.square(there).sum(axis=1)
        better = after < losses
        cubes[better], left[better], losses[better] = tried[better], there[better], after[better]
        damping = np.where(better, damping / 10.0, damping * 10.0)
    values = values_at(primitive, cubes)
    found = [
        Unit(each.effect, tuple(map(float, row)), each.free)
        for each, row in zip(units, values, strict=True)
    ]
    return found, losses


def _nearest(begun: Sequence[Start], target: np.ndarray, wanted: Spectrum) -> Unit:
    moved = (moved_by(start, target, wanted.power) for start in begun)
    return min(moved, key=lambda pair: pair[0])[1]


def _residuals(
    primitive: Primitive, cubes: np.ndarray, targets: np.ndarray, wanted: Spectrum
) -> np.ndarray:
    """Return √w·(log R − target) at the best gains, (settings, 2·points)."""
    values = values_at(primitive, cubes)
    away = np.log(responses(primitive, values, wanted.points, wanted.sample_rate)) - targets
    away = centred(away, wanted) * np.sqrt(wanted.power)
    return np.concatenate([away.real, away.imag], axis=1)
