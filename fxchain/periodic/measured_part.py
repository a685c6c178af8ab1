"""What effects that move are measured from: the channels of a part of a recording."""

from dataclasses import dataclass, replace

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from fxchain.alignment.aligned_audio import AlignedAudio

Vector = NDArray[np.float64]

#: The longest part, s.
MOST_SECONDS = 12.0


@dataclass(frozen=True, eq=False)
class MeasuredPart:
    """The channels of a part, float64.

    Attributes:
        dry: (channels, samples)
        wet: (channels, samples)
        sample_rate: Hz
        first_sample: position of the part in the recording, samples
    """

    dry: Vector
    wet: Vector
    sample_rate: float
    first_sample: float

    @property
    def samples(self) -> int:
        """Return the length."""
        return self.dry.shape[-1]

    @property
    def seconds(self) -> float:
        """Return the length, s."""
        return self.samples / self.sample_rate

    def channels(self) -> list[tuple[Vector, Vector]]:
        """Return dry and wet (samples,) of each channel."""
        return list(zip(self.dry, self.wet, strict=True))

    def loudest(self, seconds: float) -> "MeasuredPart":
        """Return the part of so many seconds with the most energy in the wet."""
        length = round(seconds * self.sample_rate)
        if self.samples <= length:
            return self
        power = np.concatenate([[0.0], np.cumsum(np.sum(self.wet**2, axis=0))])
        begin = int(np.argmax(power[length:] - power[:-length]))
        span = slice(begin, begin + length)
        dry, wet, first = self.dry[:, span], self.wet[:, span], self.first_sample + begin
        return replace(self, dry=dry, wet=wet, first_sample=first)

    def aligned(self, samples: int) -> "MeasuredPart":
        """Return it where the wet was found to be so many samples later."""
        count = self.samples - abs(samples)
        begin, behind = max(-samples, 0), max(samples, 0)
        dry, wet = self.dry[:, begin:][:, :count], self.wet[:, behind:][:, :count]
        return replace(self, dry=dry, wet=wet, first_sample=self.first_sample + begin)

    def times(self) -> Vector:
        """Return the time of each sample from the beginning of the recording on, s."""
        return np.asarray((np.arange(self.samples) + self.first_sample) / self.sample_rate)

    def slower(self, down: int) -> "MeasuredPart":
        """Return it at the sample rate divided by a whole number."""
        if down == 1:
            return self
        dry, wet = (
            scipy.signal.resample_poly(each, 1, down, axis=-1) for each in (self.dry, self.wet)
        )
        rate, first = self.sample_rate / down, self.first_sample / down
        return replace(self, dry=dry, wet=wet, sample_rate=rate, first_sample=first)


def measured_part(
    part: AlignedAudio, sample_rate: float, first_sample: int, least_seconds: float
) -> MeasuredPart | None:
    """Return what is measured of a part: where it is longer, the loudest `MOST_SECONDS`.

    Args:
        part: a chain's output and the wet
        sample_rate: Hz
        first_sample: position of the part in the recording
        least_seconds: the shortest that can be used

    Returns:
        None where it is too short, or silent
    """
    begin = part.first_valid
    dry, wet = (np.asarray(each[:, begin:], np.float64) for each in (part.dry, part.wet))
    found = MeasuredPart(dry, wet, sample_rate, float(first_sample + begin))
    if found.seconds < least_seconds or not (np.any(dry) and np.any(wet)):
        return None
    return found.loudest(MOST_SECONDS)
