"""Where in a recording of any length another one begins, to about a hundredth of a second.

Both are reduced to a low sample rate, so that hours can be correlated. It is for recordings that
lie far apart; the lag itself is found by `fxchain.alignment.lag`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
import soxr
from numpy.typing import NDArray

from fxchain.alignment.whitening import band_power, spectra, whitened

Array = NDArray[np.float32]

RATE_HZ = 8_000
#: So much of the dry is looked for, s: its loudest part.
LONGEST_SECONDS = 30.0
_DIVISION_FLOOR = 0.1
_FRAME_SECONDS = 0.1


@dataclass(frozen=True)
class CoarseLag:
    """A lag and how far it stands out.

    Attributes:
        seconds: positive where the wet is late
        confidence: 0 … 1, 1 − c/p with the height p of the peak and the height c expected of
            unrelated recordings
    """

    seconds: float
    confidence: float


def coarse_lag(dry: Array, wet: Array, sample_rate: float) -> CoarseLag:
    """Find where the loudest part of the dry lies in the wet, wherever that is.

    Args:
        dry: (channels, samples), not silent
        wet: (channels, other samples), not silent
        sample_rate: Hz

    Returns:
        the lag of the highest peak of either sign
    """
    first, second = (reduced(audio, sample_rate) for audio in (dry, wet))
    begin, end = loudest_part(first, LONGEST_SECONDS * RATE_HZ)
    lag, confidence = correlated(first[begin:end], second)
    return CoarseLag(float(lag - begin) / RATE_HZ, confidence)


def correlated(first: Array, second: Array) -> tuple[int, float]:
    """Return the lag of the second recording against the first, and its confidence.

    Args:
        first: (samples,) at the low rate, not silent
        second: (other samples,), not silent

    Returns:
        samples at the low rate; see `CoarseLag`
    """
    heights, lags = _correlation(first[None], second[None])
    spread = float(np.median(np.abs(heights))) / 0.6745
    chance = spread * float(np.sqrt(2.0 * np.log(len(heights) + 1)))
    top = int(np.abs(heights).argmax())
    confidence = 1.0 - chance / max(float(np.abs(heights[top])), 1e-30)
    return int(lags[top]), float(np.clip(confidence, 0.0, 1.0))


def reduced(audio: Array, sample_rate: float) -> Array:
    """Return the channels' sum at a low rate, (samples,); of channels that cancel one alone."""
    mono = audio.mean(axis=0)
    if float(np.sum(mono**2)) < 0.01 * float(np.sum(audio[0] ** 2)):
        mono = audio[0]
    made = soxr.resample(np.ascontiguousarray(mono), sample_rate, RATE_HZ, quality="MQ")
    return np.asarray(made, np.float32)


def loudest_part(audio: Array, longest: float) -> tuple[int, int]:
    """Return first sample and end of the part with the most energy; all of what is shorter."""
    length = int(longest)
    if len(audio) <= length:
        return 0, len(audio)
    total = np.concatenate([[0.0], np.cumsum(np.square(audio, dtype=np.float64))])
    begin = int(np.argmax(total[length:] - total[:-length]))
    return begin, begin + length


def _correlation(first: Array, second: Array) -> tuple[Array, NDArray[np.intp]]:
    """Return the whitened correlation at each lag, (lags,), and the lags, samples."""
    white = [whitened(audio - audio.mean(), RATE_HZ) for audio in (first, second)]
    length, cross, power_dry, power_wet = spectra(*white)
    broad = [band_power(power, length, RATE_HZ, 1e-6) for power in (power_dry, power_wet)]
    cross /= np.sqrt(broad[0]) * np.sqrt(broad[1]) * (power_dry / broad[0] + _DIVISION_FLOOR)
    lags = np.arange(1 - first.shape[1], second.shape[1])
    return scipy.fft.irfft(cross, length)[lags % length], lags
