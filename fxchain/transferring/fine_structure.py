"""The fine structure of spectra: notes and formants, which filters and rooms hardly move."""

import torch
from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import Descriptors, decibels

#: Notes and formants show at so many bands in an octave, from the second octave on, over so many.
PER_OCTAVE, OCTAVES = 12, 6


def fine_levels(heard: Descriptors) -> Tensor:
    """Return the level of each kept frame in bands narrow enough for notes, (frames, bands), dB."""
    matrix = band_matrix(heard.sample_rate, heard.n_fft, float(PER_OCTAVE))
    levels = decibels(matrix @ heard.power[:, heard.kept])
    return levels[PER_OCTAVE : (OCTAVES + 1) * PER_OCTAVE + 1].T


def without_broad(levels: Tensor, octaves: float) -> Tensor:
    """Return spectra less what is broader than so many octaves, which effects change.

    Args:
        levels: (..., bands) as `fine_levels` spaces them, dB
        octaves: the standard deviation of the Gaussian whose mean is taken off

    Returns:
        (..., bands), dB
    """
    places = torch.arange(levels.shape[-1], dtype=levels.dtype) / PER_OCTAVE
    kernel = torch.exp(-0.5 * ((places - places[:, None]) / octaves) ** 2)
    return levels - levels @ (kernel / kernel.sum(1, keepdim=True)).T
