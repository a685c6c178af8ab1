"""Triangular frequency bands, evenly spaced in the logarithm of frequency."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

#: Centres of the first and the last band, Hz; the last one is limited by the sample rate.
LOWEST_HZ, HIGHEST_HZ = 40.0, 18_000.0
#: The last centre is at most at this share of the sample rate.
HIGHEST_SHARE = 0.43


def centres_hz(sample_rate: float, per_octave: float) -> np.ndarray:
    """Return the centres of the bands, (bands,) in Hz; the first ones are the same at every rate.

    Args:
        sample_rate: Hz
        per_octave: bands in each octave
    """
    highest = min(HIGHEST_HZ, HIGHEST_SHARE * sample_rate)
    count = int(np.floor(np.log2(highest / LOWEST_HZ) * per_octave)) + 1
    return LOWEST_HZ * 2.0 ** (np.arange(count) / per_octave)


@lru_cache(maxsize=32)
def band_matrix(sample_rate: int, n_fft: int, per_octave: float) -> Tensor:
    """Return the matrix that averages the bins of a power spectrum in bands.

    Each band is a triangle over the logarithm of frequency between its neighbours' centres. A band
    narrower than a bin interpolates linearly between the two nearest bins.

    Args:
        sample_rate: Hz
        n_fft: samples
        per_octave: bands in each octave

    Returns:
        (bands, bins) float32; each row sums to 1: a band's power is the weighted mean of its bins
    """
    centres = np.log2(centres_hz(sample_rate, per_octave))
    bins_hz = np.fft.rfftfreq(n_fft, 1.0 / sample_rate)
    bins = np.log2(np.maximum(bins_hz, 1.0))
    width = 1.0 / per_octave
    rows = np.maximum(0.0, 1.0 - np.abs(bins - centres[:, None]) / width)
    for row, centre in zip(rows, centres, strict=True):
        if row.sum() < 1.0:
            at = 2.0**centre * n_fft / sample_rate
            below = int(np.floor(at))
            row[:] = 0.0
            row[below], row[below + 1] = 1.0 - (at - below), at - below
    rows /= rows.sum(axis=1, keepdims=True)
    return torch.from_numpy(rows.astype(np.float32))
