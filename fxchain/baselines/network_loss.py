"""What the networks are trained on: the error in the highs and mids, and in the mean."""

from __future__ import annotations

import torch
from torch import Tensor

#: Shares of the two terms.
ERROR_SHARE, MEAN_SHARE = 0.75, 0.25
#: Added to the target's mean power, so that silence divides by something; full scale is 1.
_LEAST_POWER = 1e-5


def network_loss(target: Tensor, estimate: Tensor, pre_emphasis: float) -> Tensor:
    """Three quarters pre-emphasised error-to-signal ratio, one quarter that of the mean.

    Both are ratios over all segments together, so that a silent one does not count for more than
    it is heard.

    Args:
        target: (batch, samples), its peak near 1
        estimate: (batch, samples)
        pre_emphasis: p of the filter y[n] − p·y[n − 1]

    Returns:
        ()

    Source:
        A. Wright et al. (see `fxchain.baselines.lstm`), section 3.2; the shares are those of the
        authors' program Automated-GuitarAmpModelling
    """
    wanted, error = (_emphasised(audio, pre_emphasis) for audio in (target, estimate - target))
    power = wanted.square().mean() + _LEAST_POWER
    ratio = error.square().mean() / power
    means = (estimate - target).mean(1).square().mean()
    return ERROR_SHARE * ratio + MEAN_SHARE * means / (target.square().mean() + _LEAST_POWER)


def _emphasised(audio: Tensor, pre_emphasis: float) -> Tensor:
    """Raise the highs, (batch, samples) to (batch, samples)."""
    before = torch.nn.functional.pad(audio[:, :-1], (1, 0))
    return audio - pre_emphasis * before
