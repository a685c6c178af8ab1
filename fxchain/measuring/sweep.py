"""The signal that a device is measured with: markers, silence, and a sweep at several levels.

Every duration but that of a sweep is fixed, so that the distance of the markers in a recording says
which signal was played.

Source:
    A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine
    technique", AES Convention 108 (2000): an exponential sweep puts the harmonics before the
    linear response. A. Novak, P. Lotton, L. Simon, "Synchronized swept-sine: theory, application,
    and implementation", Journal of the AES 63 (2015): with a whole number of f₁L, the harmonic of
    order n is the sweep itself, earlier by L ln n, with its phase.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fxchain.errors import MatchError
from fxchain.files.sample_rates import HIGHEST_SAMPLE_RATE, LOWEST_SAMPLE_RATE
from fxchain.measuring.marker import MARKER_SAMPLES, marker

START_HZ = 10.0
#: The last frequency, of the sample rate.
END_SHARE_OF_RATE = 0.48
#: Peaks of the sweeps, in their order, dBFS.
LEVELS_DBFS = (-24.0, -18.0, -12.0, -6.0)
MARKER_DBFS = -12.0
#: Silence at the beginning, behind the first marker, behind each sweep, and at the end, s.
LEAD_SECONDS, MARKER_GAP_SECONDS, GAP_SECONDS, END_SECONDS = 3.0, 1.0, 2.0, 1.0
#: What a sweep may last, whole s.
SHORTEST_SECONDS, LONGEST_SECONDS = 2, 60
_FADE_IN_SECONDS, _FADE_OUT_SECONDS = 0.1, 0.01


@dataclass(frozen=True)
class SweepSignal:
    """The signal.

    Attributes:
        sample_rate: Hz
        seconds: of each sweep, a whole number of s

    Raises:
        MatchError: one of them is out of range.
    """

    sample_rate: int
    seconds: int = 8

    def __post_init__(self) -> None:
        low, high = LOWEST_SAMPLE_RATE, HIGHEST_SAMPLE_RATE
        if not low <= self.sample_rate <= high:
            raise MatchError(f"--sample-rate {self.sample_rate}: give {low} to {high} Hz")
        if not SHORTEST_SECONDS <= self.seconds <= LONGEST_SECONDS:
            raise MatchError(
                f"--seconds {self.seconds}: give {SHORTEST_SECONDS} to {LONGEST_SECONDS}"
            )

    @property
    def end_hz(self) -> float:
        """The last frequency, Hz."""
        return END_SHARE_OF_RATE * self.sample_rate

    @property
    def rate_seconds(self) -> float:
        """Novak's L: in so many s the frequency grows by the factor e; L f₁ is whole."""
        ratio = math.log(self.end_hz / START_HZ)
        return math.floor(START_HZ * self.seconds / ratio) / START_HZ

    @property
    def sweep_samples(self) -> int:
        """The length of a sweep, samples."""
        duration = self.rate_seconds * math.log(self.end_hz / START_HZ)
        return round(duration * self.sample_rate)

    @property
    def marker_starts(self) -> tuple[int, int]:
        """Where the markers begin, samples."""
        last = (
            self.sweep_starts[-1] + (self.seconds * self.sample_rate) + self._samples(GAP_SECONDS)
        )
        return self._samples(LEAD_SECONDS), last

    @property
    def sweep_starts(self) -> tuple[int, ...]:
        """Where the sweeps begin, samples."""
        first = self._samples(LEAD_SECONDS) + MARKER_SAMPLES + self._samples(MARKER_GAP_SECONDS)
        step = self.seconds * self.sample_rate + self._samples(GAP_SECONDS)
        return tuple(first + number * step for number in range(len(LEVELS_DBFS)))

    @property
    def length(self) -> int:
        """The length of the whole, samples."""
        return self.marker_starts[1] + MARKER_SAMPLES + self._samples(END_SECONDS)

    @cached_property
    def sweep(self) -> np.ndarray:
        """One sweep with a peak of 1, (sweep_samples,)."""
        times = np.arange(self.sweep_samples) / self.sample_rate
        turns = START_HZ * self.rate_seconds * np.exp(times / self.rate_seconds)
        sweep = np.sin(2.0 * np.pi * turns)
        for seconds, part in (
            (_FADE_IN_SECONDS, sweep),
            (_FADE_OUT_SECONDS, sweep[::-1]),
        ):
            count = self._samples(seconds)
            part[:count] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)
        return sweep

    def samples(self) -> np.ndarray:
        """Return the whole signal, (1, length) float32."""
        found = np.zeros(self.length)
        for start in self.marker_starts:
            found[start : start + MARKER_SAMPLES] = 10.0 ** (MARKER_DBFS / 20.0) * marker()
        for start, level_dbfs in zip(self.sweep_starts, LEVELS_DBFS, strict=True):
            found[start : start + self.sweep_samples] = 10.0 ** (level_dbfs / 20.0) * self.sweep
        return found.astype(np.float32)[None]

    def _samples(self, seconds: float) -> int:
        return round(seconds * self.sample_rate)


def marker_distance(sample_rate: int, seconds: int) -> int:
    """Return how far the markers of a signal are apart, samples."""
    first, second = SweepSignal(sample_rate, seconds).marker_starts
    return second - first
