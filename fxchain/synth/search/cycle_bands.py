"""A measured wave by its band powers, solved in closed form."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.synth.patch.drawn_cycle import cycle_samples
from fxchain.synth.search.analytic_bands import AnalyticBands
from fxchain.synth.search.bands import FLOOR
from fxchain.synth.search.space import ROOM, Space
from fxchain.synth.search.weights import relative

#: Steps towards the least difference of logarithms, how often each is halved, and the share of it
#: that a step gains for another one.
LOGARITHMIC_STEPS, HALVINGS, ENOUGH = 8, 4, 0.01


def cycle_of_bands(
    space: Space, bands: AnalyticBands, cube: np.ndarray, frames: Sequence[bool] | None = None
) -> tuple[Space, np.ndarray]:
    """Return the space with the wave whose band powers fit best, and the voice in it.

    Powers of all harmonics and of the noise are added; powers say nothing of phases, all harmonics
    are sines.

    Args:
        space: the measured source first, then noise
        bands: the recording
        cube: (coordinates,), of which the weights are not read
        frames: which ones count; None: all
    """
    count, octave = len(space.cycle), space.sources[0][1]
    flat = replace(space, level=1.0, cycle=(1.0 + 0.0j,) * count)
    alone = np.repeat(cube[None], 2, axis=0)
    alone[:, space.weights] = np.eye(2)
    tone, noise = (flat.voice(each) for each in alone)
    columns = np.column_stack(
        [bands.of_harmonics(tone, octave, count), bands.powers(noise).reshape(-1)]
    )
    target = bands.target.reshape(-1)
    floor = FLOOR * float(target.max())
    if frames is not None:
        kept = np.repeat(np.asarray(frames), bands.target.shape[1])
        columns, target = columns[kept], target[kept]
    amplitudes = np.sqrt(_powers(columns, target, floor))
    return with_cycle(space, cube, -1j * amplitudes[:-1], float(amplitudes[-1]))


def _powers(columns: np.ndarray, target: np.ndarray, floor: float) -> np.ndarray:
    """Return powers (columns,), 0 or more, whose sum is nearest to a target by its logarithm.

    Args:
        columns: (bands, columns)
        target: (bands,)
        floor: is added to both

    Source:
        Gauss-Newton steps on the logarithm, each a non-negative least squares
    """

    def loss(powers: np.ndarray) -> float:
        return float(np.square(np.log((columns @ powers + floor) / (target + floor))).sum())

    found = _nearest(*relative(columns, target))
    least = loss(found)
    for _ in range(LOGARITHMIC_STEPS):
        sums = columns @ found + floor
        wanted = 1.0 + np.log((target + floor) / sums) - floor / sums
        step = _nearest(columns / sums[:, None], wanted) - found
        for _ in range(HALVINGS):
            tried = loss(found + step)
            if tried < least:
                break
            step = 0.5 * step
        else:
            break
        found, gained, least = found + step, least - tried, tried
        if gained < ENOUGH * least:
            break
    return found


def _nearest(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return non-negative least squares of many rows, by their triangle."""
    from scipy.optimize import nnls

    norms = np.linalg.norm(columns, axis=0) + 1e-30
    triangle = np.asarray(np.linalg.qr(np.column_stack([columns / norms, target]), mode="r"))
    found, _ = nnls(triangle[:, :-1], triangle[:, -1])
    return found / norms


def with_cycle(
    space: Space, cube: np.ndarray, cycle: np.ndarray, noise: float
) -> tuple[Space, np.ndarray]:
    """Return the space with a wave of a peak of about 1, and the voice in it.

    Args:
        space: the measured source first, then noise
        cube: the controls
        cycle: (harmonics,) Fourier coefficients, amplitudes of the recording
        noise: amplitude of the noise
    """
    peak = max(float(np.abs(cycle_samples(tuple(cycle), 4 * len(cycle) + 4)).max()), 1e-12)
    level = ROOM * max(peak, noise)
    moved = cube.copy()
    moved[space.weights] = np.array([peak, noise]) / level
    return replace(space, level=level, cycle=tuple((cycle / peak).tolist())), moved
