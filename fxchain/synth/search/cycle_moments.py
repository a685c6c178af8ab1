"""A measured wave by the waveform at moments, solved in closed form."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fxchain.optim.dense_linearization import DenseLinearization
from fxchain.synth.search.moments import Moments


@dataclass(frozen=True)
class Solved:
    """A wave that fits best.

    Attributes:
        cycle: (harmonics,) Fourier coefficients, amplitudes of the recording
        residual: (moments + 2 · harmonics,) voice less recording, then the penalties of what is not
            expected
    """

    cycle: np.ndarray
    residual: np.ndarray


@dataclass(frozen=True, eq=False)
class CycleMoments:
    """‖recording − voice with the wave that fits best‖² at moments, over the controls alone.

    Attributes:
        moments: the recording; the space has the measured source first, and its wave is expected,
            in amplitudes of the recording
        deviation: root mean square of a sample that no wave explains, over the recording's norm
        only: (moments,) those that the wave is solved of; None: all

    Source:
        Golub and Pereyra 1973 (variable projection) with Kaufman's Jacobian, and a ridge: an
        amplitude is normal around what is expected, with a deviation of level/n, as in a sawtooth
    """

    moments: Moments
    deviation: float
    only: np.ndarray | None = None

    @cached_property
    def count(self) -> int:
        """Return how many harmonics there are."""
        return len(self.moments.space.cycle)

    @property
    def octave(self) -> int:
        """Return that of the measured source."""
        return self.moments.space.sources[0][1]

    def solved(self, cube: np.ndarray) -> Solved:
        """Return the wave that fits best."""
        columns = self._columns(cube)
        return self._solved(columns, _Normal(columns, self._penalty, self.only))

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return what is left, (moments + 2 · harmonics,)."""
        return self.solved(cube).residual

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes (population, coordinates)."""
        return np.array([float(np.square(self.residual(cube)).sum()) for cube in population])

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> DenseLinearization:
        """Return what is left and its derivatives along coordinates of the cube."""
        columns = self._columns(cube)
        normal = _Normal(columns, self._penalty, self.only)
        solved = self._solved(columns, normal)
        space = replace(self.moments.space, level=1.0, cycle=tuple(solved.cycle))
        there = cube.copy()
        there[space.weights[0]] = 1.0
        jacobian = replace(self.moments, space=space).linearize(there, index).jacobian
        padded = np.concatenate([jacobian, np.zeros((2 * self.count, len(index)))])
        followed = normal.solve(jacobian)
        padded[: len(columns)] -= columns @ followed
        padded[len(columns) :] -= self._penalty[:, None] * followed
        return DenseLinearization(solved.residual, padded)

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates that may move: the controls."""
        space = self.moments.space
        return np.setdiff1d(np.arange(len(space.specs)), space.weights)

    @cached_property
    def _penalty(self) -> np.ndarray:
        numbers = np.arange(1, self.count + 1)
        return np.tile(self.deviation * numbers / self.moments.space.level, 2)

    def _columns(self, cube: np.ndarray) -> np.ndarray:
        return self.moments.of_harmonics(cube, self.octave, self.count)

    def _solved(self, columns: np.ndarray, normal: "_Normal") -> Solved:
        cycle = np.asarray(self.moments.space.cycle)
        expected = np.concatenate([cycle.real, -cycle.imag])
        before = self.moments.target - columns @ expected
        added = normal.solve(before[:, None])[:, 0]
        amplitudes = expected + added
        cycle = amplitudes[: self.count] - 1j * amplitudes[self.count :]
        return Solved(cycle, np.concatenate([columns @ added - before, self._penalty * added]))


class _Normal:
    """The normal equations of a wave.

    Args:
        columns: (moments, amplitudes)
        penalty: (amplitudes,)
        only: moments that count; None: all
    """

    def __init__(self, columns: np.ndarray, penalty: np.ndarray, only: np.ndarray | None) -> None:
        from scipy.linalg import cho_factor

        self._columns = columns if only is None else columns * only[:, None]
        self._factor = cho_factor(self._columns.T @ columns + np.diag(penalty**2))

    def solve(self, wanted: np.ndarray) -> np.ndarray:
        """Return the amplitudes (amplitudes, n) that come nearest to (moments, n)."""
        from scipy.linalg import cho_solve

        return cho_solve(self._factor, self._columns.T @ wanted)
