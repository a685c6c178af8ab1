"""How alike the contents of two recordings are, told from what effects hardly change."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from fxchain.transferring import dynamics, spectrum
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.fine_structure import fine_levels, without_broad
from fxchain.transferring.target import targets

#: What is broader than this is left out: effects change it, octaves.
BROAD_OCTAVES = 0.33

#: The logarithm of the distance in tone that the contents alone make, squared and in that of two
#: sections of a recording, as a straight line over what can be observed. Least squares over 270
#: pairs of raw clips, one of each pair behind a random chain; benchmarks/likeness.py prints them
#: to within 0.07.
CONSTANT, PER_CORRELATION = -0.15, -0.86
PER_LOG_DISTANCE = {"spectrum": 0.83, "band dynamics": 0.39}
#: Those losses, over everything that is heard, and the typical distances then.
OBSERVED = (
    replace(spectrum.LOSS, within_scale=3.0, between_scale=8.5, shared=False),
    dynamics.MOVEMENT,
)
#: That logarithm where recordings are of different instruments; 0 for sections of one recording.
DIFFERENT = 2.1
#: Contents are not told to be more alike than this.
ALIKE = -0.3


def fine_correlation(first: Descriptors, second: Descriptors) -> float:
    """Return the correlation of two long-term spectra's fine structure, −1 to 1.

    Sections of one recording share notes and resonances; other recordings do not, even of the
    same kind of instrument. Filters, compressors and rooms leave them where they are.
    """
    both = torch.stack([_fine(first), _fine(second)])
    return float(torch.nan_to_num(torch.corrcoef(both)[0, 1]))


def content_distance(whole: Descriptors, references: Sequence[Descriptors]) -> float:
    """Return how unlike the contents are: 0 as sections of one recording, 1 as other instruments.

    Args:
        whole: the input
        references: what it should sound like; the mean counts
    """
    return float(np.mean([_unlikeness(whole, each) for each in references]))


def _unlikeness(whole: Descriptors, reference: Descriptors) -> float:
    found = CONSTANT + PER_CORRELATION * fine_correlation(whole, reference)
    for each in targets(OBSERVED, whole, whole, (reference,)):
        distance = each.distance(whole)
        found += PER_LOG_DISTANCE[each.loss.name] * float(torch.log(distance + 0.05))
    return max(found / DIFFERENT, ALIKE)


def _fine(heard: Descriptors) -> Tensor:
    """Return the fine structure of the long-term spectrum, (bands,), dB."""
    return without_broad(fine_levels(heard).mean(0), BROAD_OCTAVES)
