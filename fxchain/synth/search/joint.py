"""Waveform and bands together, each by its own scatter."""

from dataclasses import dataclass

import numpy as np

from fxchain.optim.dense_linearization import DenseLinearization
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.moments import Moments
from fxchain.synth.search.significance import independent_samples
from fxchain.synth.search.waveform_objective import waveform_objective

#: Scatters below these are not believed: the error-to-signal ratio, and the square of the
#: difference of averaged bands, dB².
LEAST_ESR, LEAST_DB2 = 1e-6, 0.05**2


@dataclass(frozen=True)
class Joint:
    """The sum of several sums of squares.

    Attributes:
        parts: what each is, and its weight
        moved: the coordinates that may move
    """

    parts: tuple[tuple[ResidualObjective | Moments, float], ...]
    moved: np.ndarray

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return the residuals behind one another, (samples,)."""
        return np.concatenate(
            [np.sqrt(weight) * part.residual(cube) for part, weight in self.parts]
        )

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes (population, coordinates)."""
        return np.array([float(np.square(self.residual(cube)).sum()) for cube in population])

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> DenseLinearization:
        """Return the residual and its derivatives along coordinates of the cube."""
        found = [part.linearize(cube, index) for part, _ in self.parts]
        scales = [np.sqrt(weight) for _, weight in self.parts]
        pairs = list(zip(found, scales, strict=True))
        return DenseLinearization(
            np.concatenate([scale * each.residual for each, scale in pairs]),
            np.concatenate([scale * each.jacobian for each, scale in pairs]),
        )

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates that may move."""
        return self.moved


def by_distance(error: AudioError, cube: np.ndarray) -> Joint:
    """Return waveform and bands, each over its sum at a cube: the distance of the error to first
    order there."""
    every = np.arange(len(cube))
    waveform, bands = waveform_objective(error), ResidualObjective(error.bands, every)
    sums = [max(float(part.losses(cube[None])[0]), LEAST_ESR) for part in (waveform, bands)]
    return Joint(((waveform, 1.0 / sums[0]), (bands, 1.0 / sums[1])), every)


def by_averaged_bands_and_waveform(error: AudioError, cube: np.ndarray) -> Joint:
    """Return waveform and averaged bands, each counted by its number over its scatter at a cube.

    The waveform is that of all samples: what is left of it is noise, which averages out over many.

    Args:
        error: of what is played
        cube: a voice that is about right

    Source:
        the concentrated likelihood of normal errors of unknown variance, n/2 · ln ‖r‖², to first
        order
    """
    every = np.arange(len(cube))
    waveform = ResidualObjective(error.waveform, every)
    bands = ResidualObjective(error.pooled_bands, every)
    left, differences = waveform.residual(cube), bands.residual(cube)
    parts = (
        (waveform, independent_samples(left) / max(float(np.square(left).sum()), LEAST_ESR)),
        (bands, len(differences) / max(float(np.square(differences).sum()), LEAST_DB2)),
    )
    return Joint(parts, every)
