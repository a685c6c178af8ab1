"""What an effect that moves finds its first values from: a pair of signals, and rates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MovingPair:
    """A part of a recording in which something moves.

    Attributes:
        dry: (samples,)
        wet: (samples,)
        sample_rate: Hz
        first_sample: position of the signals in the recording
        rates_hz: of the movement, the most likely first
    """

    dry: Vector
    wet: Vector
    sample_rate: int
    first_sample: int
    rates_hz: tuple[float, ...]

    def left(self, *signals: Vector) -> tuple[float, Vector]:
        """Return the share of the wet that a weighted sum of signals leaves, and the weights."""
        rows = np.stack(signals)
        normal, right = rows @ rows.T, rows @ self.wet
        weights = np.asarray(np.linalg.lstsq(normal, right, rcond=1e-12)[0], np.float64)
        error = self.wet - weights @ rows
        return float(error @ error / (self.wet @ self.wet + 1e-30)), weights
