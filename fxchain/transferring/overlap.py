"""What two recordings have in common: the frames in which like notes and resonances sound.

A spectrum tells of the effect only as far as the same was played. Of two recordings therefore the
frames count most that might be in either of them. Which these are is told by the fine structure of
their spectra, which filters, levels and rooms leave where it is.
"""

import torch
from torch import Tensor

from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.fine_structure import fine_levels, without_broad

#: What is broader than this is left out: effects change it, octaves.
BROAD_OCTAVES = 1.0
#: What lies so far below a frame's loudest band is noise, dB.
DEPTH_DB = 40.0
#: Frames are alike where their fine structures differ by this much (root of the mean square), dB;
#: where fewer frames than this share would count, more and more is taken as alike.
ALIKE_DB, LEAST_SHARE, WIDER, WIDEST_DB = 1.5, 0.2, 1.26, 20.0
#: A frame that is likely to be found in one recording alone still counts so much.
FAINT = 1e-6


def overlap(first: Descriptors, second: Descriptors) -> tuple[Descriptors, Descriptors]:
    """Return two recordings with their frames weighed by what they have in common.

    Each frame counts as much as one of the other recording is likely to be found in its place.
    Equal recordings count evenly; so do two that have nothing in common.

    Args:
        first: at the same sample rate as
        second: the other

    Source:
        Li, Morgan and Zaslavsky 2018: overlap weights; here with the odds estimated by Gaussian
        kernels
    """
    fine = [_fine_structures(each) for each in (first, second)]
    both, count = torch.cat(fine), len(fine[0])
    squared = torch.cdist(both, both).square() / both.shape[1]
    alike_db = ALIKE_DB
    while True:
        kernel = torch.exp(-squared / (2.0 * alike_db**2))
        here, there = kernel[:, :count].mean(1), kernel[:, count:].mean(1)
        weights = (there / (here + there))[:count], (here / (here + there))[count:]
        if alike_db > WIDEST_DB or min(_share(each) for each in weights) >= LEAST_SHARE:
            return first.weighed(weights[0] + FAINT), second.weighed(weights[1] + FAINT)
        alike_db *= WIDER


def _share(weights: Tensor) -> float:
    """Return how many frames count in effect, as a share of all."""
    total = weights.sum().square() / weights.square().sum() / len(weights)
    return float(torch.nan_to_num(total))


def _fine_structures(heard: Descriptors) -> Tensor:
    """Return the fine structure of each kept frame's spectrum, (kept frames, bands), dB."""
    levels = fine_levels(heard)
    levels = torch.maximum(levels, levels.amax(1, keepdim=True) - DEPTH_DB)
    return without_broad(levels, BROAD_OCTAVES)
