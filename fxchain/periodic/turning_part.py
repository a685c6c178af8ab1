"""A part of a recording in which a filter changes periodically: its rate, and where it begins.

Several recordings of a device are led from dry to wet by the same filters; rate and phase belong to
each, like its latency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.moments import Moments, Vector, measure_moments


@dataclass(frozen=True, eq=False)
class TurningPart:
    """A part, and the oscillator in it.

    Attributes:
        part: dry and wet
        rate_hz: of the change
        phase: at the first sample of the part, rad
    """

    part: MeasuredPart
    rate_hz: float
    phase: float = 0.0

    @property
    def radians(self) -> float:
        """Return ω, for each sample."""
        return 2.0 * np.pi * self.rate_hz / self.part.sample_rate

    def moments(self, harmonics: int, taps: int, weights: Sequence[Vector]) -> list[list[Moments]]:
        """Return the sums of each channel over each of some weighted parts.

        Every recording counts alike, however loud or long it is.

        Args:
            harmonics: K
            taps: length of the filters
            weights: (samples,) each
        """
        share = 1.0 / (float(np.sum(self.part.wet**2)) + 1e-30)
        return [
            [
                measure_moments(dry * each, wet * each, self.radians, harmonics, taps).of_recording(
                    self.phase, share
                )
                for each in weights
            ]
            for dry, wet in self.part.channels()
        ]


def summed_moments(recordings: Sequence[Sequence[Sequence[Moments]]]) -> list[list[Moments]]:
    """Return the sums over all recordings, of each channel and each weighted part."""
    return [
        [reduce(add, parts) for parts in zip(*channels, strict=True)]
        for channels in zip(*recordings, strict=True)
    ]


def mean_radians(parts: Sequence[TurningPart]) -> float:
    """Return ω of recordings of one device: it differs so little that filters hardly notice."""
    return float(np.mean([each.radians for each in parts]))
