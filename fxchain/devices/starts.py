"""Where the fit of a capture begins, from what was found at other positions of the knobs."""

from collections.abc import Mapping

import numpy as np

from fxchain.devices.captures import Captures
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.waveform_error import WaveformError
from fxchain.structure.candidate import Candidate
from fxchain.structure.knob_vector import KnobVector

#: Single values are tried at so many places of their range, one after another for so many of them.
PLACES, SCANNED = 13, 3


def starts_from(fitted: Mapping[int, Candidate], captures: Captures, at: int) -> list[Candidate]:
    """Return the values of the nearest capture, and those where a plane through near ones leads.

    The plane goes through the nearest captures, one more than there are knobs: between captures it
    interpolates, beyond them it extrapolates, as the predictor of a continuation does (Allgower
    and Georg, Numerical Continuation Methods, 1990).

    Args:
        fitted: by the number of the capture, one at least
        captures: of the device
        at: number of the capture to be fitted
    """
    numbers = list(fitted)
    order = np.argsort(captures.distances(captures.positions[at])[numbers], kind="stable")
    near = [numbers[each] for each in order[: len(captures.knobs) + 1]]
    nearest = fitted[near[0]]
    vector = KnobVector(nearest.stage, nearest.values, nearest.free)
    cubes = np.array([vector.cube(fitted[each].values) for each in near])
    spans = np.array([knob.high - knob.low for knob in captures.knobs])
    shares = affine_shares(captures.positions[near] / spans, captures.positions[at] / spans)
    known = vector.jacobian_indices()
    cube = cubes[0].copy()
    cube[known] = np.clip(shares @ cubes[:, known], 0.0, 1.0)
    expected = nearest.at(vector.values(cube))
    return [nearest] if np.array_equal(cube, cubes[0]) else [nearest, expected]


def affine_shares(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the smallest shares (points,) with sum 1 whose mean of points is nearest to a target.

    Args:
        points: (points, dimensions)
        target: (dimensions,)
    """
    mean = points.mean(axis=0)
    away = np.linalg.lstsq((points - mean).T, target - mean, rcond=None)[0]
    shares: np.ndarray = 1.0 / len(points) + away - away.mean()
    return shares


def scanned(begin: Candidate, excerpt: Excerpt, sample_rate: int) -> Candidate:
    """Return where the best of single values lie over their whole range, one after another.

    A knob moves few values, maybe far; second-order steps move all of them, each a little.

    Args:
        begin: the values to begin with, and the latency
        excerpt: of the capture
        sample_rate: Hz
    """
    error = error_at(begin, excerpt, sample_rate)
    cube = error.cube(begin.values)
    loss = float(error.losses(cube[None])[0])
    for _ in range(SCANNED):
        tried = np.repeat(cube[None], len(cube) * PLACES, axis=0)
        for value in range(len(cube)):
            tried[value * PLACES : (value + 1) * PLACES, value] = np.linspace(0.0, 1.0, PLACES)
        losses = error.losses(tried)
        best = int(np.argmin(losses)) if len(losses) else 0
        if not len(losses) or not losses[best] < loss:
            break
        cube, loss = tried[best], float(losses[best])
    return begin.at(error.values(cube), loss)


def error_at(begin: Candidate, excerpt: Excerpt, sample_rate: int) -> WaveformError:
    """Return the error of a structure on an excerpt, aligned as a candidate says."""
    shift = begin.latency_shifts[0] if begin.latency_shifts else 0.0
    stage, values, free = begin.stage, begin.values, begin.free
    return WaveformError(stage, values, free, excerpt.shifted(shift), sample_rate)
