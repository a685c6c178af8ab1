"""What an effect that moves finds its first values from: a pair of signals, and rates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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

    def aligned(self, samples: int) -> "MovingPair":
        """Return it where the wet was found to be so many samples later."""
        count = len(self.dry) - abs(samples)
        begin, behind = max(-samples, 0), max(samples, 0)
        dry, wet = self.dry[begin:][:count], self.wet[behind:][:count]
        return replace(self, dry=dry, wet=wet, first_sample=self.first_sample + begin)

    def left(self, *signals: Vector) -> tuple[float, Vector]:
        """Return the share of the wet that a weighted sum of signals leaves, and the weights."""
        rows = np.stack(signals)
        normal, right = rows @ rows.T, rows @ self.wet
        weights = np.asarray(np.linalg.lstsq(normal, right, rcond=1e-12)[0], np.float64)
        error = self.wet - weights @ rows
        return float(error @ error / (self.wet @ self.wet + 1e-30)), weights


@dataclass(frozen=True)
class MovingStart:
    """Where a fit of an effect that moves may begin.

    Attributes:
        values: of its controls
        latency_samples: how much later than it was aligned the wet is found to be with them
    """

    values: Mapping[str, float]
    latency_samples: int = 0
