"""The content distance of two recordings, estimated from properties that effects hardly change.

It is 0 between sections of one recording and 1 between different instruments. The logarithm of the
distance in tone that the contents alone cause is predicted by a linear model

    log d = CONSTANT + PER_CORRELATION · r + Σ PER_LOG_DISTANCE · log(distance + 0.05)

over the correlation r of the spectra's fine structure and two observed distances.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from fxchain.transferring import dynamics, spectrum
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.fine_structure import fine_levels, without_broad
from fxchain.transferring.target import targets

#: Spectral structure broader than this is removed, since effects change it, octaves.
BROAD_OCTAVES = 0.33

#: The coefficients: least squares over 270 pairs of raw clips, one of each pair behind a random
#: chain; d is squared and relative to that of two sections. benchmarks/likeness.py prints them to
#: within 0.07.
CONSTANT, PER_CORRELATION = -0.15, -0.86
PER_LOG_DISTANCE = {"spectrum": 0.83, "band dynamics": 0.39}
#: The losses whose distances are observed, over all frames, with the typical distances then.
OBSERVED = (
    replace(spectrum.LOSS, within_scale=3.0, between_scale=8.5, shared=False),
    dynamics.MOVEMENT,
)
#: log d between different instruments; it is 0 between sections of one recording.
DIFFERENT = 2.1
#: The smallest content distance that is returned.
ALIKE = -0.3


def fine_correlation(first: Descriptors, second: Descriptors) -> float:
    """Return the correlation of two long-term spectra's fine structure, −1 to 1.

    Sections of one recording share notes and resonances; other recordings do not, even of the
    same kind of instrument. Filters, compressors and reverberation do not move them.
    """
    both = torch.stack([_fine(first), _fine(second)])
    return float(torch.nan_to_num(torch.corrcoef(both)[0, 1]))


def content_distance(whole: Descriptors, references: Sequence[Descriptors]) -> float:
    """Return the content distance: 0 as sections of one recording, 1 as different instruments.

    Args:
        whole: the input
        references: one or more; the mean of their distances is returned
    """
    return float(np.mean([_content_distance(whole, each) for each in references]))


def _content_distance(whole: Descriptors, reference: Descriptors) -> float:
    found = CONSTANT + PER_CORRELATION * fine_correlation(whole, reference)
    for each in targets(OBSERVED, whole, whole, (reference,)):
        distance = each.distance(whole)
        found += PER_LOG_DISTANCE[each.loss.name] * float(torch.log(distance + 0.05))
    return max(found / DIFFERENT, ALIKE)


def _fine(recording: Descriptors) -> Tensor:
    """Return the fine structure of the long-term spectrum, (bands,), dB."""
    return without_broad(fine_levels(recording).mean(0), BROAD_OCTAVES)
