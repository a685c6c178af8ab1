"""What a measurement with a sweep says about the device of a match."""

from dataclasses import dataclass, replace

import numpy as np

from fxchain.primitives.evidence import Evidence

#: A response is raised to this, relative to its peak: beyond it, it is noise.
LEAST = 1e-4


@dataclass(frozen=True, eq=False)
class MeasuredDevice:
    """What was measured.

    Attributes:
        impulse_response: (samples,), of what is linear, at the quietest level
        direct_sound: index of the direct sound in it, not whole
        polarity: +1 or -1
        sample_rate: Hz
        highest_hz: the highest frequency that was measured
        harmonic_error: power of the harmonics, at most, against that of the fundamental
        level_error: what changes of the gain with the level, as an ESR
        covers: nothing in the dry recordings is louder than the loudest sweep
    """

    impulse_response: np.ndarray
    direct_sound: float
    polarity: int
    sample_rate: int
    highest_hz: float
    harmonic_error: float
    level_error: float
    covers: bool

    def joined(self, found: Evidence) -> Evidence:
        """Return what a pair says, with what the measurement says beside it.

        What happens above the level of the loudest sweep, it does not know. Nor does it know what
        moves by itself: to a sweep that is a filter.
        """
        if not self.covers:
            return found
        return replace(found, harmonic_error=self.harmonic_error, level_error=self.level_error)

    def response(self, points: np.ndarray) -> np.ndarray:
        """Return the response without latency and polarity, complex.

        Args:
            points: (points,), Hz; above the highest frequency the response there is returned
        """
        turns = 2.0 * np.pi * np.minimum(points, self.highest_hz) / self.sample_rate
        times, impulses = np.arange(len(self.impulse_response)), self.impulse_response
        found = np.array([np.exp(-1j * turn * times) @ impulses for turn in turns])
        found *= self.polarity * np.exp(1j * turns * self.direct_sound)
        size = np.maximum(np.abs(found), 1e-30)
        return found * np.maximum(LEAST * size.max() / size, 1.0)

    def content(self) -> bytes:
        """Return what differs where another device was measured."""
        facts = (self.direct_sound, self.polarity, self.sample_rate, self.highest_hz, self.covers)
        errors = (self.harmonic_error, self.level_error)
        return repr((*facts, *errors)).encode() + self.impulse_response.tobytes()
