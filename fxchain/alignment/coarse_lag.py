"""Where in a recording of any length another one begins, to about a hundredth of a second.

Both are reduced to a low sample rate, so that hours can be correlated. It is for recordings that
lie far apart; the lag itself is found by `fxchain.alignment.lag`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from fxchain.alignment.deconvolution import deconvolved, height_of_chance
from fxchain.alignment.loudest_stretch import loudest_stretch
from fxchain.alignment.whitening import whitened

Array = NDArray[np.float32]

RATE_HZ = 8_000
#: So much of the dry is looked for, s: its loudest part.
LONGEST_SECONDS = 30.0


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
    length = round(LONGEST_SECONDS * RATE_HZ)
    begin = loudest_stretch(first[None], length)
    lag, confidence = correlated(first[begin : begin + length], second)
    return CoarseLag(float(lag - begin) / RATE_HZ, confidence)


def correlated(first: Array, second: Array) -> tuple[int, float]:
    """Return the lag of the second recording against the first, and its confidence.

    Args:
        first: (samples,) at the low rate, not silent
        second: (other samples,), not silent

    Returns:
        samples at the low rate; see `CoarseLag`
    """
    dry, wet = (whitened(audio[None] - audio.mean(), RATE_HZ) for audio in (first, second))
    heights, lags = deconvolved(dry, wet, RATE_HZ)
    top = int(np.abs(heights).argmax())
    confidence = 1.0 - height_of_chance(heights) / max(float(np.abs(heights[top])), 1e-30)
    return int(lags[top]), float(np.clip(confidence, 0.0, 1.0))


def reduced(audio: Array, sample_rate: float) -> Array:
    """Return the channels' sum at a low rate, (samples,); of channels that cancel one alone."""
    mono = audio.mean(axis=0)
    if float(np.sum(mono**2)) < 0.01 * float(np.sum(audio[0] ** 2)):
        mono = audio[0]
    made = soxr.resample(np.ascontiguousarray(mono), sample_rate, RATE_HZ, quality="MQ")
    return np.asarray(made, np.float32)
