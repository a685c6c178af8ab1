"""The decay: how fast levels fall after events; reverberation slows it down."""

import torch
from torch import Tensor

from fxchain.transferring.descriptors import COARSE, Descriptors, quantiles
from fxchain.transferring.loss import Loss

#: Falls are measured over these times, s.
FALLS_SECONDS = (0.03, 0.12)
#: Quantiles of the changes of level: the steepest falls.
STEEP = (0.01, 0.05, 0.2)


def describe(recording: Descriptors) -> Tensor:
    """Return the steepest falls of each octave's level, (bands, times · quantiles), dB."""
    found = [quantiles(recording.changes_db(seconds), STEEP) for seconds in FALLS_SECONDS]
    return torch.cat(found, dim=1)


LOSS = Loss(
    "decay",
    "space",
    describe,
    within_scale=2.2,
    between_scale=5.5,
    effective_observations=4.0,
    per_octave=COARSE,
)
