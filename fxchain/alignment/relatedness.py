"""Whether two aligned recordings are related, and which of them is the dry.

Effects preserve something of their input: a filter the phase, so that parts of the spectrum stay
coherent; a drive, a tremolo or a room the levels over time and frequency. Two recordings without
coherence and without correlated levels are unrelated.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from fxchain.alignment.loudest_stretch import loudest_stretch

Array = NDArray[np.float32]
Numbers = NDArray[np.float64]

_SEGMENT_SAMPLES = 4_096
_LEAST_SEGMENTS = 8
_FRAME_SECONDS = 0.04
_BANDS, _LOWEST_HZ, _HIGHEST_HZ = 16, 80.0, 8_000.0
_LEVEL_SECONDS, _LOWEST_LEVEL_DB = 0.03, -60.0
# Frames so far below the loudest are loud, dB.
_LOUD_DB = -25.0
# Of longer recordings the loudest stretch of this length is compared, s.
_LONGEST_SECONDS = 60.0


@dataclass(frozen=True)
class Relatedness:
    """Measures of how related two recordings are.

    Attributes:
        coherence: 0 … 1, share of the wet's energy that is coherent with the dry, corrected for
            the bias of the estimate
        pattern: −1 … 1, correlation of the levels in 16 bands over time
        spread_db: standard deviation of the wet's levels over time minus that of the dry's, dB
        loud_change_db: the same where both are loud, plus the spread of the gain there, dB:
            little of an effect that closes below a level
    """

    coherence: float
    pattern: float
    spread_db: float
    loud_change_db: float


def relatedness(dry: Array, wet: Array, sample_rate: float, lag: int) -> Relatedness | None:
    """Compare two recordings.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples)
        sample_rate: Hz
        lag: samples, positive where the wet is late

    Returns:
        the measures; None where less than 0.3 s is common to both, or one is silent there
    """
    start, stop = max(0, -lag), min(dry.shape[1], wet.shape[1] - lag)
    longest = round(_LONGEST_SECONDS * sample_rate)
    if stop - start > longest:
        start += loudest_stretch(dry[:, start:stop], longest)
        stop = start + longest
    first, second = dry[:, start:stop], wet[:, start + lag : stop + lag]
    if stop - start < 0.3 * sample_rate or not (np.any(first) and np.any(second)):
        return None
    return Relatedness(
        _coherence(first, second, sample_rate),
        _pattern(first, second, sample_rate),
        *_spread(second, first, sample_rate),
    )


def _coherence(dry: Array, wet: Array, sample_rate: float) -> float:
    size = min(_SEGMENT_SAMPLES, 2 * dry.shape[1] // (_LEAST_SEGMENTS + 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        _, shared = scipy.signal.coherence(dry, wet, sample_rate, nperseg=size)
    _, power = scipy.signal.welch(wet, sample_rate, nperseg=size)
    chance = 1.0 / (2 * dry.shape[1] / size - 1)
    share = float(np.sum(np.nan_to_num(shared) * power) / max(float(np.sum(power)), 1e-30))
    return float(np.clip((share - chance) / (1.0 - chance), 0.0, 1.0))


def _pattern(dry: Array, wet: Array, sample_rate: float) -> float:
    first, second = (_band_levels(audio, sample_rate) for audio in (dry, wet))
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(np.sum(first * second) / size) if size > 0.0 else 0.0


def _band_levels(audio: Array, sample_rate: float) -> Numbers:
    """Return levels in dB (bands, frames), each band without its mean."""
    hop = max(1, round(_FRAME_SECONDS * sample_rate))
    size = min(2 * hop, audio.shape[1])
    frequencies, _, spectrum = scipy.signal.stft(
        audio, sample_rate, nperseg=size, noverlap=size - min(hop, size)
    )
    power = (np.abs(spectrum) ** 2).sum(axis=0)
    edges = np.geomspace(_LOWEST_HZ, min(_HIGHEST_HZ, 0.45 * sample_rate), _BANDS + 1)
    bands = np.stack(
        [
            power[(frequencies >= low) & (frequencies < high)].sum(axis=0)
            for low, high in itertools.pairwise(edges)
        ]
    ).astype(np.float64)
    floor = 1e-4 * bands.max(axis=1, keepdims=True) + 1e-5 * bands.max() + 1e-30
    levels = 10.0 * np.log10(bands + floor)
    return np.asarray(levels - levels.mean(axis=1, keepdims=True))


def _spread(audio: Array, other: Array, sample_rate: float) -> tuple[float, float]:
    """Return the difference of the standard deviations of the levels of both, dB, and the same
    plus the standard deviation of the gain where both are loud."""
    levels = [_levels(each, sample_rate) for each in (audio, other)]
    audible = np.any([each > _LOWEST_LEVEL_DB + 10.0 for each in levels], axis=0)
    first, second = (np.std(np.maximum(each, _LOWEST_LEVEL_DB)[audible]) for each in levels)
    loud = np.all([each > _LOUD_DB for each in levels], axis=0)
    if np.count_nonzero(loud) < 2:
        return float(first - second), float(first - second)
    wet, dry = (each[loud] for each in levels)
    return float(first - second), float(np.std(wet) - np.std(dry)) + _quartiles(wet - dry)


def _quartiles(values: Numbers) -> float:
    """Return the standard deviation of normal numbers with the same quartiles."""
    low, high = np.percentile(values, [25, 75])
    return float(high - low) / 1.349


def _levels(audio: Array, sample_rate: float) -> Numbers:
    """Return the level of each 30 ms, dB relative to the loudest."""
    size = max(1, round(_LEVEL_SECONDS * sample_rate))
    count = audio.shape[1] // size
    cut = audio[:, : count * size].reshape(audio.shape[0], count, size)
    power = np.square(cut, dtype=np.float64).mean(axis=(0, 2))
    return np.asarray(10.0 * np.log10(power / max(float(power.max()), 1e-30) + 1e-10))
