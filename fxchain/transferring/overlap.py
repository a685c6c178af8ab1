"""Overlap weights: frames of two recordings weighted by how likely they occur in the other.

The difference of two spectra shows the effect only where the same notes were played. Which frames
these are is estimated from the fine structure of their spectra, which filters, levels and
reverberation do not move.
"""

import torch
from torch import Tensor

from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.fine_structure import fine_levels, without_broad

#: Spectral structure broader than this is removed, since effects change it, octaves.
BROAD_OCTAVES = 1.0
#: Bands more than this below a frame's loudest are clamped there as noise, dB.
DEPTH_DB = 40.0
#: The standard deviation of the Gaussian kernel over the root mean square difference of two frames,
#: dB. It is widened by a factor, up to a limit, until this share of the frames has weight.
KERNEL_DB, LEAST_SHARE, WIDENING, WIDEST_DB = 1.5, 0.2, 1.26, 20.0
#: Added to all weights.
LEAST_WEIGHT = 1e-6


def overlap(first: Descriptors, second: Descriptors) -> tuple[Descriptors, Descriptors]:
    """Return two recordings with overlap weights for their frames.

    A frame's weight is the probability that it belongs to the other recording. Weights are equal
    between equal recordings, and between recordings that have nothing in common.

    Args:
        first: one recording
        second: the other, at the same sample rate

    Source:
        Li, Morgan and Zaslavsky 2018: overlap weights; here with the odds estimated by Gaussian
        kernels
    """
    fine = [_fine_structures(each) for each in (first, second)]
    both, count = torch.cat(fine), len(fine[0])
    squared = torch.cdist(both, both).square() / both.shape[1]
    kernel_db = KERNEL_DB
    while True:
        kernel = torch.exp(-squared / (2.0 * kernel_db**2))
        here, there = kernel[:, :count].mean(1), kernel[:, count:].mean(1)
        weights = (there / (here + there))[:count], (here / (here + there))[count:]
        if kernel_db > WIDEST_DB or min(_share(each) for each in weights) >= LEAST_SHARE:
            return first.with_weights(weights[0] + LEAST_WEIGHT), second.with_weights(
                weights[1] + LEAST_WEIGHT
            )
        kernel_db *= WIDENING


def _share(weights: Tensor) -> float:
    """Return the effective number of frames (Σw)² / Σw², as a share of all."""
    total = weights.sum().square() / weights.square().sum() / len(weights)
    return float(torch.nan_to_num(total))


def _fine_structures(recording: Descriptors) -> Tensor:
    """Return the fine structure of each kept frame's spectrum, (kept frames, bands), dB."""
    levels = fine_levels(recording)
    levels = torch.maximum(levels, levels.amax(1, keepdim=True) - DEPTH_DB)
    return without_broad(levels, BROAD_OCTAVES)
