"""Loudness by ITU-R BS.1770-4, and the difference in loudness of two recordings."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pyloudnorm
from numpy.typing import NDArray

Array = NDArray[np.float32]

# BS.1770: length of a gating block, s, and its constant, LU. The level of silence, LUFS.
BLOCK_SECONDS = 0.4
_CONSTANT = -0.691
FLOOR = -120.0

# Absolute gate, LUFS; relative gate, LU below the mean of the blocks above the absolute gate.
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = 10.0
_OVERLAP = 0.75
# Length of a piece that is measured at a time, and of the warm-up of the weighting filters, s.
_PIECE_SECONDS = 60.0
_WARM_UP_SECONDS = 2.0


def integrated_loudness(audio: Array, sample_rate: float) -> float | None:
    """Return the gated, K-weighted loudness.

    Args:
        audio: (channels, samples), at most five channels
        sample_rate: Hz

    Returns:
        LUFS; None if the recording is shorter than one block or nowhere above the absolute gate

    Source:
        ITU-R BS.1770-4, by pyloudnorm with the filters of De Man (`filter_class="DeMan"`), which
        give a full-scale 997 Hz sine −3.01 LUFS at 48 kHz as the recommendation requires; its
        default filters give −3.05. Long recordings are measured in pieces, so that memory does
        not grow with them, and gated together
    """
    if audio.shape[1] < BLOCK_SECONDS * sample_rate:
        return None
    powers = np.concatenate(list(_block_powers(audio, sample_rate)))
    gated = powers[powers >= 10 ** ((_ABSOLUTE_GATE - _CONSTANT) / 10)]
    if len(gated) == 0:
        return None
    loud = gated[gated > np.mean(gated) * 10 ** (-_RELATIVE_GATE / 10)]
    return _CONSTANT + 10 * float(np.log10(np.mean(loud)))


def _block_powers(audio: Array, sample_rate: float) -> Iterator[NDArray[np.float64]]:
    """Yield the K-weighted mean powers of the gating blocks, summed over channels, by piece."""
    hop = BLOCK_SECONDS * (1 - _OVERLAP) * sample_rate
    blocks_per_piece = round(_PIECE_SECONDS / BLOCK_SECONDS / (1 - _OVERLAP))
    count = round((audio.shape[1] - BLOCK_SECONDS * sample_rate) / hop) + 1
    warm_up_blocks = round(_WARM_UP_SECONDS / BLOCK_SECONDS / (1 - _OVERLAP))
    meter = pyloudnorm.Meter(sample_rate, filter_class="DeMan", overlap=_OVERLAP)
    for first in range(0, count, blocks_per_piece):
        before = min(first, warm_up_blocks)
        begin = int((first - before) * hop)
        last = min(first + blocks_per_piece, count) - 1
        end = math.ceil(last * hop + BLOCK_SECONDS * sample_rate)
        piece = np.ascontiguousarray(audio[:, begin:end].T, np.float64)
        meter.integrated_loudness(piece)
        levels = np.array(meter.blockwise_loudness[before:])
        yield 10 ** ((levels - _CONSTANT) / 10)


def ungated_level(audio: Array) -> float:
    """Return the mean power summed over the channels, neither weighted nor gated.

    Args:
        audio: (channels, samples)

    Returns:
        LUFS with the constant of BS.1770, at least `FLOOR`: at mid frequencies equal to
        `integrated_loudness` of a steady signal
    """
    power = float(np.sum(np.mean(np.square(audio, dtype=np.float64), axis=1)))
    return max(FLOOR, _CONSTANT + 10 * float(np.log10(max(power, 1e-30))))


def loudness_difference(first: Array, second: Array, sample_rate: float) -> float:
    """Return the loudness of the second recording minus that of the first.

    If either has no integrated loudness (see there), the ungated levels of both are compared.

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
