"""The targets of the losses: the references' descriptions, relative to the processed excerpt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import Descriptors, decibels
from fxchain.transferring.loss import Loss
from fxchain.transferring.overlap import overlap

#: A band so far below the loudest of a recording has no weight, dB.
INAUDIBLE_DB = 70.0


@dataclass(frozen=True, eq=False)
class Target:
    """The description that one loss compares with.

    Attributes:
        loss: the loss
        description: (bands or 1, numbers)
        precision: (bands or 1, bands or 1), see `Loss.precision`
    """

    loss: Loss
    description: Tensor
    precision: Tensor

    def difference(self, recording: Descriptors, content_distance: float = 0.0) -> Tensor:
        """Return description − recording's description, shrunk towards 0 by the loss's slack."""
        slack = self.loss.slack * min(max(content_distance, 0.0), 1.0)
        difference = self.description - self.loss.describe(recording)
        return torch.nn.functional.softshrink(difference, slack)

    def distance(self, recording: Descriptors, content_distance: float = 0.0) -> Tensor:
        """Return the squared distance, (): about 1 for another section of one recording."""
        return self.loss.distance(self.difference(recording, content_distance), self.precision)


def targets(
    losses: Sequence[Loss],
    excerpt: Descriptors,
    whole: Descriptors,
    references: Sequence[Descriptors],
    content_distance: float = 0.0,
) -> tuple[Target, ...]:
    """Return the target of each loss for the output of the excerpt.

    It is the excerpt's description + mean over references (reference's − whole input's). So the
    excerpt itself is the target where the input is its own reference.

    Args:
        losses: what is compared
        excerpt: the part of the input that is processed
        whole: all of the input
        references: one or more; where they differ from each other the precision is lower
        content_distance: shared losses use (1 − content distance) · difference with overlap
            weights + content distance · difference of all frames

    Returns:
        one for each loss that all recordings have a description for
    """
    found = []
    pairs = [(whole, reference) for reference in references]
    overlapping = _overlapping(losses, whole, references)
    share = min(max(content_distance, 0.0), 1.0)
    for loss in losses:
        here = loss.describe(excerpt)
        differences = _differences(loss, pairs) if here.numel() else []
        if not differences:
            continue
        if loss.shared:
            differences = [
                share * of_all + (1.0 - share) * of_shared
                for of_all, of_shared in zip(
                    differences, _differences(loss, overlapping), strict=True
                )
            ]
        stacked = torch.stack(differences)
        description = here + stacked.mean(0)
        disagreement = stacked.var(0, correction=0).mean(1) / loss.within_scale**2
        audible = _audible(loss, [whole, *references])
        found.append(
            Target(
                loss,
                description,
                loss.precision(audible.expand(len(here)), 1.0 / (1.0 + disagreement)),
            )
        )
    return tuple(found)


def _differences(loss: Loss, pairs: Sequence[tuple[Descriptors, Descriptors]]) -> list[Tensor]:
    """Return reference − input for each pair whose reference has a description."""
    described = [(loss.describe(own), loss.describe(other)) for own, other in pairs]
    return [other - own for own, other in described if other.numel()]


def _overlapping(
    losses: Sequence[Loss], whole: Descriptors, references: Sequence[Descriptors]
) -> list[tuple[Descriptors, Descriptors]]:
    """Return the input and each reference with overlap weights, where a loss uses them."""
    if not any(loss.shared for loss in losses):
        return []
    return [overlap(whole, reference) for reference in references]


def _audible(loss: Loss, recordings: Sequence[Descriptors]) -> Tensor:
    """Return the weight of each band: low where it is inaudible in any recording, (bands or 1,)."""
    if not loss.per_octave:
        return torch.ones(1)
    shares = [_audible_bands(each, loss.per_octave) for each in recordings]
    return torch.stack(shares).amin(0)


def _audible_bands(recording: Descriptors, per_octave: float) -> Tensor:
    matrix = band_matrix(recording.sample_rate, recording.n_fft, per_octave)
    levels = decibels(matrix @ recording.power[:, recording.kept].mean(-1))
    below = levels.max() - levels
    return ((INAUDIBLE_DB + 10.0 - below) / 20.0).clamp(1e-3, 1.0)


def as_tensor(samples: np.ndarray) -> Tensor:
    """Return samples (channels, samples) as a float32 tensor."""
    return torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float32))
