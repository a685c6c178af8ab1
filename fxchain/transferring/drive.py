"""The drive: the density of the spectrum between partials, and the tone over loudness."""

import torch
from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import COARSE, Descriptors, decibels
from fxchain.transferring.loss import Loss

#: Classes of loudness: quantiles of the frames that are not silent.
SOFT, MEDIUM, LOUD = (0.1, 0.4), (0.4, 0.7), (0.7, 1.0)
#: Rounding error of a sum of weights.
ROUNDING = 1e-5


def density(recording: Descriptors) -> Tensor:
    """Return the spectral flatness of each octave, (bands, classes), dB.

    The mean level of an octave's bins minus the level of their mean power: 0 for a flat spectrum,
    far below for a few strong partials. Once over medium and once over loud frames, each frame with
    its weight.
    """
    matrix = band_matrix(recording.sample_rate, recording.n_fft, COARSE)
    found = []
    for frames in _classes(recording)[1:]:
        power, weights = recording.power[:, frames], recording.weights[frames]
        full = matrix @ decibels(power) - decibels(matrix @ power)
        found.append(full @ (weights / weights.sum()))
    return torch.stack(found, dim=1)


def growth(recording: Descriptors) -> Tensor:
    """Return how the spectrum of loud frames differs from that of softer ones, (bands, 2), dB."""
    matrix = band_matrix(recording.sample_rate, recording.n_fft, COARSE)
    soft, medium, loud = (
        decibels(matrix @ recording.power[:, frames]).mean(-1) for frames in _classes(recording)
    )
    found = torch.stack([loud - medium, medium - soft], dim=1)
    return found - found.mean(0)


def _classes(recording: Descriptors) -> list[Tensor]:
    """Return the frames of each class of loudness; quantiles are those of the weighted frames."""
    order = torch.argsort(torch.where(recording.kept, recording.loudness_db.detach(), -1e9))
    order = order[len(order) - int(recording.kept.sum()) :]
    behind = recording.weights.detach()[order].cumsum(0)
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
    effective_observations=4.0,
    per_octave=COARSE,
    shared=True,
)
GROWTH = Loss(
    "tone over loudness",
    "drive",
    growth,
    within_scale=2.0,
    between_scale=4.2,
    effective_observations=4.0,
    per_octave=COARSE,
)
