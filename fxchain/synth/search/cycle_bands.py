"""A measured wave by its band powers, solved in closed form."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.synth.patch.drawn_cycle import cycle_samples
from fxchain.synth.search.analytic_bands import AnalyticBands
from fxchain.synth.search.space import ROOM, Space
from fxchain.synth.search.weights import relative


def cycle_of_bands(
    space: Space, bands: AnalyticBands, cube: np.ndarray, frames: Sequence[bool] | None = None
) -> tuple[Space, np.ndarray]:
    """Return the space with the wave whose band powers fit best, and the voice in it.

    Powers of all harmonics and of the noise are added, and the powers of the harmonics follow by
    non-negative least squares; powers say nothing of phases, all harmonics are sines.

    Args:
        space: the measured source first, then noise
        bands: the recording
        cube: (coordinates,), of which the weights are not read
        frames: which ones count; None: all

    Source:
        Lawson and Hanson 1974
    """
    from scipy.optimize import nnls

    count, octave = len(space.cycle), space.sources[0][1]
    flat = replace(space, level=1.0, cycle=(1.0 + 0.0j,) * count)
    alone = np.repeat(cube[None], 2, axis=0)
    alone[:, space.weights] = np.eye(2)
    tone, noise = (flat.voice(each) for each in alone)
    columns = np.column_stack(
        [bands.of_harmonics(tone, octave, count), bands.powers(noise).reshape(-1)]
    )
    rows, target = relative(columns, bands.target.reshape(-1))
    if frames is not None:
        kept = np.repeat(np.asarray(frames), bands.target.shape[1])
        rows, target = rows[kept], target[kept]
    norms = np.linalg.norm(rows, axis=0) + 1e-30
    orthogonal, upper = np.linalg.qr(rows / norms)
    found, _ = nnls(upper, orthogonal.T @ target)
    amplitudes = np.sqrt(found / norms)
    return with_cycle(space, cube, -1j * amplitudes[:-1], float(amplitudes[-1]))


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
