"""The training loss of networks: pre-emphasised ESR, and the error of the mean."""

from __future__ import annotations

import torch
from torch import Tensor

#: Weights of the two terms.
ERROR_SHARE, MEAN_SHARE = 0.75, 0.25
#: Added to the target's mean power against division by 0; full scale is 1.
_LEAST_POWER = 1e-5


def network_loss(target: Tensor, estimate: Tensor, pre_emphasis: float) -> Tensor:
    """Return ¾ · pre-emphasised ESR + ¼ · squared error of the mean over the target's power.

    Both are ratios over all segments together, so that silent segments have little weight.

    Args:
        target: (batch, samples), its peak near 1
        estimate: (batch, samples)
        pre_emphasis: p of the filter y[n] = x[n] − p · x[n − 1]

    Returns:
        ()

    Source:
        A. Wright et al. (see `fxchain.baselines.lstm`), section 3.2; the shares are those of the
        authors' program Automated-GuitarAmpModelling
    """
    filtered, error = (_emphasised(audio, pre_emphasis) for audio in (target, estimate - target))
    power = filtered.square().mean() + _LEAST_POWER
    ratio = error.square().mean() / power
    means = (estimate - target).mean(1).square().mean()
    return ERROR_SHARE * ratio + MEAN_SHARE * means / (target.square().mean() + _LEAST_POWER)


def _emphasised(audio: Tensor, pre_emphasis: float) -> Tensor:
    """Filter (batch, samples) by y[n] = x[n] − p · x[n − 1]."""
    before = torch.nn.functional.pad(audio[:, :-1], (1, 0))
    return audio - pre_emphasis * before
