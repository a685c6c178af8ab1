"""A measured wave by its band powers, solved in closed form."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.synth.patch.drawn_cycle import cycle_samples
from fxchain.synth.search.analytic_bands import AnalyticBands
from fxchain.synth.search.bands import FLOOR
from fxchain.synth.search.space import ROOM, Space

#: Steps towards the least difference of logarithms, how often each is halved, and the share of it
#: that a step gains for another one.
LOGARITHMIC_STEPS, HALVINGS, ENOUGH = 6, 4, 0.02
#: A harmonic that is not expected may have this share of the power of the strongest that is, and
#: the weight of what is expected beside that of one band of one frame.
UNEXPECTED, EXPECTED_WEIGHT = 1e-6, 0.3


def cycle_of_bands(
    space: Space,
    bands: AnalyticBands,
    cube: np.ndarray,
    expected: np.ndarray,
    frames: Sequence[bool] | None = None,
) -> tuple[Space, np.ndarray]:
    """Return the space with the wave whose band powers fit best, and the voice in it.

    Powers of all harmonics and of the noise are added; powers say nothing of phases, all harmonics
    are sines. What no band says of a harmonic is as expected.

    Args:
        space: the measured source first, then noise
        bands: the recording
        cube: (coordinates,), of which the weights are not read
        expected: (harmonics,) Fourier coefficients of the wave, amplitudes of the recording
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
    floor = np.full(len(target), FLOOR * float(target.max()))
    if frames is not None:
        kept = np.repeat(np.asarray(frames), bands.target.shape[1])
        columns, target, floor = columns[kept], target[kept], floor[kept]
    powers = np.abs(expected) ** 2
    least = UNEXPECTED * float(powers.max()) + 1e-30
    rows = _Rows(
        np.concatenate([columns, np.eye(count, count + 1)]),
        np.concatenate([target, powers]) + np.concatenate([floor, np.full(count, least)]),
        np.concatenate([floor, np.full(count, least)]),
        np.concatenate([np.ones(len(target)), np.full(count, EXPECTED_WEIGHT)]),
    )
    amplitudes = np.sqrt(rows.nearest())
    return with_cycle(space, cube, -1j * amplitudes[:-1], float(amplitudes[-1]))


@dataclass(frozen=True, eq=False)
class _Rows:
    """Sums of powers that are wanted.

    Attributes:
        columns: (rows, columns), what each power adds to a sum
        target: (rows,), with the floor
        floor: (rows,), is added to the sums
        weights: (rows,)
    """

    columns: np.ndarray
    target: np.ndarray
    floor: np.ndarray
    weights: np.ndarray

    def nearest(self) -> np.ndarray:
        """Return powers (columns,), 0 or more, whose sums have the nearest logarithms.

        Source:
            Gauss-Newton steps on the logarithm, each a non-negative least squares
        """
        found = self._solved(self.target, self.target - self.floor)
        least = self._loss(found)
        for _ in range(LOGARITHMIC_STEPS):
            sums = self.columns @ found + self.floor
            wanted = sums * (1.0 + np.log(self.target / sums)) - self.floor
            step = self._solved(sums, wanted) - found
            for _ in range(HALVINGS):
                tried = self._loss(found + step)
                if tried < least:
                    break
                step = 0.5 * step
            else:
                break
            found, gained, least = found + step, least - tried, tried
            if gained < ENOUGH * least:
                break
        return found

    def _loss(self, powers: np.ndarray) -> float:
        ratio = (self.columns @ powers + self.floor) / self.target
        return float(np.square(self.weights * np.log(ratio)).sum())

    def _solved(self, scale: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Return non-negative least squares, rows over a scale, by the normal equations."""
        from scipy.optimize import nnls

        factor = self.weights / scale
        rows, goal = self.columns * factor[:, None], wanted * factor
        norms = np.linalg.norm(rows, axis=0) + 1e-30
        rows /= norms
        gram = rows.T @ rows + 1e-9 * np.eye(len(norms))
        triangle = np.linalg.cholesky(gram).T
        found, _ = nnls(triangle, np.linalg.solve(triangle.T, rows.T @ goal))
        return np.asarray(found / norms)


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
