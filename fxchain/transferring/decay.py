"""The decay: how fast the sound falls after events, which a room slows down."""

import torch
from torch import Tensor

from fxchain.transferring.descriptors import COARSE, Descriptors, quantiles
from fxchain.transferring.loss import Loss

#: Falls are measured over so long, s.
FALLS_SECONDS = (0.03, 0.12)
STEEP = (0.01, 0.05, 0.2)


def describe(heard: Descriptors) -> Tensor:
    """Return the steepest falls of each octave's level, (bands, times · shares), dB."""
    found = [quantiles(heard.changes_db(seconds), STEEP) for seconds in FALLS_SECONDS]
    return torch.cat(found, dim=1)


LOSS = Loss(
    "decay", "space", describe, within_scale=2.2, between_scale=5.5, counts=4.0, per_octave=COARSE
)
