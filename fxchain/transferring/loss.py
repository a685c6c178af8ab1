"""The form of a loss for recordings that are no pair: how far their descriptions are apart."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from fxchain.transferring.descriptors import Descriptors

#: Over so many octaves what instruments differ in stays alike, and what share each band has alone.
ALIKE_OCTAVES, OWN = 1.3, 0.2


@dataclass(frozen=True)
class Loss:
    """One property of a recording and how far two recordings are apart in it.

    Attributes:
        name: of the property
        dimension: what a user chooses it by: tone, dynamics, level, width, space or drive
        describe: the property of a recording, (bands or 1, numbers); it must not depend on length,
            tempo or order of what is heard
        same: the distance of two sections of one recording, in the unit of the description
        unlike: the distance of recordings of different instruments
        counts: so many independent measurements the description is worth
        per_octave: bands in each octave; 0: the description has no bands
        slack: between different instruments so small a difference is none: what cannot be told
            apart stays as it is
        shared: of references and input those frames count that both have in common
    """

    name: str
    dimension: str
    describe: Callable[[Descriptors], Tensor]
    within_scale: float
    between_scale: float
    counts: float
    per_octave: float = 0.0
    slack: float = 0.0
    shared: bool = False

    def precision(self, audible: Tensor, agreed: Tensor) -> Tensor:
        """Return what weighs the bands of a difference against each other.

        Instruments differ broadly rather than narrowly: what two recordings differ in is alike in
        neighbouring bands. So a broad difference is one observation, not as many as it has bands.

        Args:
            audible: (bands or 1,), above 0 to 1, how much each band tells
            agreed: (bands or 1,), above 0 to 1, how much several references agree

        Returns:
            (bands or 1, bands or 1), the inverse of the correlation, divided by the number of
            audible bands
        """
        bands = torch.arange(len(audible), dtype=torch.float32)
        octaves = (bands - bands[:, None]).abs() / max(self.per_octave, 1.0)
        alike = (1.0 - OWN) * torch.exp(-octaves / ALIKE_OCTAVES) + OWN * torch.eye(len(audible))
        return torch.linalg.inv(alike + torch.diag(1.0 / (audible * agreed) - 1.0)) / audible.sum()

    def distance(self, difference: Tensor, precision: Tensor) -> Tensor:
        """Return the mean square of a difference of descriptions, in that of two sections.

        Args:
            difference: (bands or 1, numbers)
            precision: made by `precision`
        """
        scaled = difference / self.within_scale
        return (scaled * (precision @ scaled)).sum() / difference.shape[1]
