"""The fine structure of spectra: notes and formants, hardly moved by filters and rooms."""

import torch
from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import Descriptors, decibels

#: Bands in each octave, and the number of octaves from the second one on.
PER_OCTAVE, OCTAVES = 12, 6


def fine_levels(recording: Descriptors) -> Tensor:
    """Return the level of each kept frame in bands narrow enough for notes, (frames, bands), dB."""
    matrix = band_matrix(recording.sample_rate, recording.n_fft, float(PER_OCTAVE))
    levels = decibels(matrix @ recording.power[:, recording.kept])
    return levels[PER_OCTAVE : (OCTAVES + 1) * PER_OCTAVE + 1].T


def without_broad(levels: Tensor, octaves: float) -> Tensor:
    """Return spectra minus their mean over a Gaussian window: structure that effects change.

    Args:
        levels: (..., bands) as `fine_levels` spaces them, dB
        octaves: the standard deviation of the window

    Returns:
        (..., bands), dB
    """
    places = torch.arange(levels.shape[-1], dtype=levels.dtype) / PER_OCTAVE
    kernel = torch.exp(-0.5 * ((places - places[:, None]) / octaves) ** 2)
    return levels - levels @ (kernel / kernel.sum(1, keepdim=True)).T
