"""How loud a recording is, and how far two recordings are apart in loudness."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pyloudnorm
from numpy.typing import NDArray

Array = NDArray[np.float32]

# BS.1770: blocks of 400 ms; its constant, LU; our floor for what is silent, LUFS.
BLOCK_SECONDS = 0.4
_CONSTANT = -0.691
FLOOR = -120.0

# Its gates, LUFS and LU below what passes the first; blocks overlap by three quarters.
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = 10.0
_OVERLAP = 0.75
# What is measured at a time, s, and before it, where the weighting filters settle, s.
_PIECE_SECONDS = 60.0
_SETTLING_SECONDS = 2.0


def integrated_loudness(audio: Array, sample_rate: float) -> float | None:
    """Gated, K-weighted loudness.

    Args:
        audio: (channels, samples), at most five channels
        sample_rate: Hz

    Returns:
        LUFS; None for what is shorter than one block or quieter than the gate throughout

    Source:
        ITU-R BS.1770-4, by pyloudnorm with the filters of De Man (`filter_class="DeMan"`), which
        give a full-scale 997 Hz sine −3.01 LUFS at 48 kHz as the recommendation demands; its
        default filters give −3.05. Long recordings are measured in pieces, so that memory does
        not grow with them, and gated together
    """
    if audio.shape[1] < BLOCK_SECONDS * sample_rate:
        return None
    powers = np.concatenate(list(_block_powers(audio, sample_rate)))
    audible = powers[powers >= 10 ** ((_ABSOLUTE_GATE - _CONSTANT) / 10)]
    if len(audible) == 0:
        return None
    loud = audible[audible > np.mean(audible) * 10 ** (-_RELATIVE_GATE / 10)]
    return _CONSTANT + 10 * float(np.log10(np.mean(loud)))


def _block_powers(audio: Array, sample_rate: float) -> Iterator[NDArray[np.float64]]:
    """Yield the K-weighted mean powers of a recording's blocks, channels added up, in pieces."""
    hop = BLOCK_SECONDS * (1 - _OVERLAP) * sample_rate
    at_a_time = round(_PIECE_SECONDS / BLOCK_SECONDS / (1 - _OVERLAP))
    count = round((audio.shape[1] - BLOCK_SECONDS * sample_rate) / hop) + 1
    settling = round(_SETTLING_SECONDS / BLOCK_SECONDS / (1 - _OVERLAP))
    meter = pyloudnorm.Meter(sample_rate, filter_class="DeMan", overlap=_OVERLAP)
    for first in range(0, count, at_a_time):
        before = min(first, settling)
        begin = int((first - before) * hop)
        last = min(first + at_a_time, count) - 1
        end = math.ceil(last * hop + BLOCK_SECONDS * sample_rate)
        piece = np.ascontiguousarray(audio[:, begin:end].T, np.float64)
        meter.integrated_loudness(piece)
        levels = np.array(meter.blockwise_loudness[before:])
        yield 10 ** ((levels - _CONSTANT) / 10)


def ungated_level(audio: Array) -> float:
    """Mean power summed over the channels, neither weighted nor gated, at least `FLOOR`.

    Args:
        audio: (channels, samples)

    Returns:
        LUFS-like: the same constant, so that mid frequencies read as in `integrated_loudness`
    """
    power = float(np.sum(np.mean(np.square(audio, dtype=np.float64), axis=1)))
    return max(FLOOR, _CONSTANT + 10 * float(np.log10(max(power, 1e-30))))


def loudness_difference(first: Array, second: Array, sample_rate: float) -> float:
    """How much louder the second recording is than the first.

    Where either has no integrated loudness (too short, or below the gate throughout), both are
    measured by their ungated level instead.

    Args:
        first: (channels, samples)
        second: (channels, samples)
        sample_rate: Hz

    Returns:
        LU (dB), always finite; 0 for two silences
    """
    gated = [integrated_loudness(audio, sample_rate) for audio in (first, second)]
    if gated[0] is not None and gated[1] is not None:
        return gated[1] - gated[0]
    return ungated_level(second) - ungated_level(first)
