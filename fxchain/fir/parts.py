"""Channels of recordings for regression, their correlations, and causal filtering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.errors import MatchError

Array = NDArray[np.float32]
Vector = NDArray[np.float64]

# Long recordings are filtered and correlated in blocks of this many samples, to save memory.
_BLOCK = 1 << 19


@dataclass(frozen=True, eq=False)
class RegressionChannel:
    """One channel of a part.

    Attributes:
        x: (samples,) dry
        y: (samples,) wet
        first_valid: index of the first sample that counts
    """

    x: Vector
    y: Vector
    first_valid: int


def channels_of(parts: Sequence[AlignedAudio]) -> Iterator[list[RegressionChannel]]:
    """Yield for each channel the same channel of all parts.

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
    """
    for part in parts:
        check_pair(part)
    for at in range(len(parts[0].dry)):
        yield [
            RegressionChannel(
                np.asarray(p.dry[at], np.float64), np.asarray(p.wet[at], np.float64), p.first_valid
            )
            for p in parts
        ]


def silent_until(first_valid: int, samples: Vector) -> Vector:
    """Return samples with zeros before `first_valid`; the same array where that is 0."""
    if not first_valid:
        return samples
    return np.concatenate([np.zeros(first_valid), samples[first_valid:]])


def correlation(later: Vector, earlier: Vector, lags: int) -> Vector:
    """Σ later[n]·earlier[n−k] for k = 0 … lags − 1.

    Args:
        later: (samples,)
        earlier: (samples,)
        lags: their number

    Returns:
        (lags,)
    """
    total = np.zeros(lags)
    block = max(_BLOCK, 4 * lags)
    for begin in range(0, len(later), block):
        first, end = max(0, begin - lags + 1), min(begin + block, len(later))
        here = np.concatenate([np.zeros(begin - first), later[begin:end]])
        length = scipy.fft.next_fast_len(len(here) + lags, real=True)
        spectrum = scipy.fft.rfft(here, length)
        spectrum *= scipy.fft.rfft(earlier[first:end], length).conj()
        total += scipy.fft.irfft(spectrum, length)[:lags]
    return total


def filtered(x: Array | Vector, taps: Vector) -> Vector:
    """Causal filtering from a zero state, (samples,)."""
    made = np.empty(len(x))
    block = max(_BLOCK, 4 * len(taps))
    for begin in range(0, len(x), block):
        first, end = max(0, begin - len(taps) + 1), min(begin + block, len(x))
        part = oaconvolve(np.asarray(x[first:end], np.float64), taps)
        made[begin:end] = part[begin - first : end - first]
    return made


def check_pair(audio: AlignedAudio) -> None:
    """Refuse shapes that differ, and recordings without a valid sample.

    Raises:
        MatchError: naming the shapes, or the first valid sample.
    """
    dry, wet, first_valid = audio.dry, audio.wet, audio.first_valid
    if dry.ndim != 2 or dry.shape != wet.shape:
        raise MatchError(
            "dry and wet must both be (channels, samples) of equal shape, "
            f"but are {dry.shape} and {wet.shape}"
        )
    if not 0 <= first_valid < dry.shape[1]:
        raise MatchError(f"nothing is left to fit from sample {first_valid} of {dry.shape[1]} on")
