"""The drive: how dense the spectrum is, and how that grows with loudness."""

import torch
from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import COARSE, Descriptors, decibels
from fxchain.transferring.loss import Loss

#: Classes of loudness: shares of the frames that are no silence.
SOFT, MEDIUM, LOUD = (0.1, 0.4), (0.4, 0.7), (0.7, 1.0)
#: Sums of weights are right to within this.
ROUNDING = 1e-5


def density(heard: Descriptors) -> Tensor:
    """Return how full each octave is between its partials, (bands, classes), dB.

    The mean level of an octave's bins minus the level of their mean power: 0 when all are alike,
    far below when a few partials stand out. Once in medium and once in loud frames, which count as
    much as the hearing says.
    """
    matrix = band_matrix(heard.sample_rate, heard.n_fft, COARSE)
    found = []
    for frames in _classes(heard)[1:]:
        power, weights = heard.power[:, frames], heard.weights[frames]
        full = matrix @ decibels(power) - decibels(matrix @ power)
        found.append(full @ (weights / weights.sum()))
    return torch.stack(found, dim=1)


def growth(heard: Descriptors) -> Tensor:
    """Return how the spectrum of loud frames differs from that of softer ones, (bands, 2), dB."""
    matrix = band_matrix(heard.sample_rate, heard.n_fft, COARSE)
    soft, medium, loud = (
        decibels(matrix @ heard.power[:, frames]).mean(-1) for frames in _classes(heard)
    )
    found = torch.stack([loud - medium, medium - soft], dim=1)
    return found - found.mean(0)


def _classes(heard: Descriptors) -> list[Tensor]:
    """Return the frames of each class of loudness; each frame takes as much room as it counts."""
    order = torch.argsort(torch.where(heard.kept, heard.loudness_db.detach(), -1e9))
    order = order[len(order) - int(heard.kept.sum()) :]
    behind = heard.weights.detach()[order].cumsum(0)
    spans = []
    for low, high in (SOFT, MEDIUM, LOUD):
        first, last = torch.searchsorted(behind, torch.tensor([low, high - ROUNDING])).tolist()
        spans.append(order[min(first, len(order) - 1) : last + 1])
    return spans


DENSITY = Loss(
    "harmonic density",
    "drive",
    density,
    within_scale=1.5,
    between_scale=7.5,
    counts=4.0,
    per_octave=COARSE,
    shared=True,
)
GROWTH = Loss(
    "tone over loudness",
    "drive",
    growth,
    within_scale=2.0,
    between_scale=4.2,
    counts=4.0,
    per_octave=COARSE,
)
