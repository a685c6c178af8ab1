"""What the losses want: the references' descriptions, seen from the excerpt that is played."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import Descriptors, decibels
from fxchain.transferring.loss import Loss
from fxchain.transferring.overlap import overlap

#: A band so far below the loudest in a reference, or in the input, tells nothing, dB.
INAUDIBLE_DB = 70.0


@dataclass(frozen=True, eq=False)
class Target:
    """What one loss wants.

    Attributes:
        loss: the loss
        description: (bands or 1, numbers)
        precision: (bands or 1, bands or 1), how much the bands count, see `Loss.precision`
    """

    loss: Loss
    description: Tensor
    precision: Tensor

    def lacking(self, heard: Descriptors, content_distance: float = 0.0) -> Tensor:
        """Return what a recording lacks, as `description`, without the slack of unlike contents."""
        slack = self.loss.slack * min(max(content_distance, 0.0), 1.0)
        return torch.nn.functional.softshrink(self.description - self.loss.describe(heard), slack)

    def distance(self, heard: Descriptors, content_distance: float = 0.0) -> Tensor:
        """Return how far a recording is from it, (): about 1 for another section of the same."""
        return self.loss.distance(self.lacking(heard, content_distance), self.precision)


def targets(
    losses: Sequence[Loss],
    excerpt: Descriptors,
    whole: Descriptors,
    references: Sequence[Descriptors],
    content_distance: float = 0.0,
) -> tuple[Target, ...]:
    """Return what each loss wants of the excerpt.

    The excerpt should change as the whole input would have to: the difference between references
    and whole input is added to the excerpt's own description. So nothing is wanted where the input
    is its own reference, whatever the excerpt.

    Args:
        losses: what is compared
        excerpt: the part of the input that is played
        whole: all of the input
        references: what they have in common is wanted; what they differ in counts less
        unlikeness: of the contents; the more unlike they are, the less what they seem to have in
            common tells, and all of them counts instead

    Returns:
        one for each loss that has something to compare
    """
    found = []
    everything = [(whole, reference) for reference in references]
    in_common = _in_common(losses, whole, references)
    chance = min(max(content_distance, 0.0), 1.0)
    for loss in losses:
        here = loss.describe(excerpt)
        described = _changes(loss, everything) if here.numel() else []
        if not described:
            continue
        if loss.shared:
            alike = _changes(loss, in_common)
            described = [
                chance * all_of_it + (1.0 - chance) * shared
                for all_of_it, shared in zip(described, alike, strict=True)
            ]
        changes = torch.stack(described)
        description = here + changes.mean(0)
        disagreement = changes.var(0, correction=0).mean(1) / loss.within_scale**2
        audible = _audible(loss, [whole, *references])
        found.append(
            Target(
                loss,
                description,
                loss.precision(audible.expand(len(here)), 1.0 / (1.0 + disagreement)),
            )
        )
    return tuple(found)


def _changes(loss: Loss, pairs: Sequence[tuple[Descriptors, Descriptors]]) -> list[Tensor]:
    """Return how the references differ from the input, without those that have nothing to tell."""
    told = [(loss.describe(own), loss.describe(other)) for own, other in pairs]
    return [other - own for own, other in told if other.numel()]


def _in_common(
    losses: Sequence[Loss], whole: Descriptors, references: Sequence[Descriptors]
) -> list[tuple[Descriptors, Descriptors]]:
    """Return the input and each reference with the frames weighed by what they have in common."""
    if not any(loss.shared for loss in losses):
        return []
    return [overlap(whole, reference) for reference in references]


def _audible(loss: Loss, recordings: Sequence[Descriptors]) -> Tensor:
    """Return which bands every recording has, (bands or 1,), 0 to 1."""
    if not loss.per_octave:
        return torch.ones(1)
    shares = [_audible_bands(heard, loss.per_octave) for heard in recordings]
    return torch.stack(shares).amin(0)


def _audible_bands(heard: Descriptors, per_octave: float) -> Tensor:
    matrix = band_matrix(heard.sample_rate, heard.n_fft, per_octave)
    levels = decibels(matrix @ heard.power[:, heard.kept].mean(-1))
    below = levels.max() - levels
    return ((INAUDIBLE_DB + 10.0 - below) / 20.0).clamp(1e-3, 1.0)


def as_tensor(samples: np.ndarray) -> Tensor:
    """Return (channels, samples) for the losses."""
    return torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float32))
