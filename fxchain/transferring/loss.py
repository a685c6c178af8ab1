"""A loss between unpaired recordings: the distance between their descriptions."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from fxchain.transferring.descriptors import Descriptors

#: The correlation of two bands' differences between instruments: (1 − OWN) · exp(−octaves /
#: CORRELATION_OCTAVES), plus OWN on the diagonal.
CORRELATION_OCTAVES, OWN = 1.3, 0.2


@dataclass(frozen=True)
class Loss:
    """One property of a recording, and the distance of two recordings in it.

    Attributes:
        name: of the property
        dimension: tone, dynamics, level, width, space or drive
        describe: computes the property of a recording, (bands or 1, numbers); it must not depend on
            length, tempo or order
        within_scale: the typical distance of two sections of one recording, in the description's
            unit
        between_scale: the typical distance of recordings of different instruments
        effective_observations: the number of independent measurements in the description
        per_octave: bands in each octave; 0: the description has no bands
        slack: differences up to slack · content distance count as 0, in the description's unit
        shared: frames are weighted by the overlap of input and reference, see `overlap`
    """

    name: str
    dimension: str
    describe: Callable[[Descriptors], Tensor]
    within_scale: float
    between_scale: float
    effective_observations: float
    per_octave: float = 0.0
    slack: float = 0.0
    shared: bool = False

    def precision(self, audible: Tensor, agreed: Tensor) -> Tensor:
        """Return the precision matrix of a difference: the inverse correlation of the bands.

        Differences between instruments are correlated in neighbouring bands, so that a broad
        difference is one observation, not as many as it has bands.

        Args:
            audible: (bands or 1,), above 0 to 1, the weight of each band
            agreed: (bands or 1,), above 0 to 1, the agreement of several references

        Returns:
            (bands or 1, bands or 1), divided by the number of audible bands
        """
        bands = torch.arange(len(audible), dtype=torch.float32)
        octaves = (bands - bands[:, None]).abs() / max(self.per_octave, 1.0)
        broad = (1.0 - OWN) * torch.exp(-octaves / CORRELATION_OCTAVES)
        correlation = broad + OWN * torch.eye(len(audible))
        noise = torch.diag(1.0 / (audible * agreed) - 1.0)
        return torch.linalg.inv(correlation + noise) / audible.sum()

    def distance(self, difference: Tensor, precision: Tensor) -> Tensor:
        """Return dᵀ P d, averaged over the numbers, with d relative to `within_scale`.

        Args:
            difference: (bands or 1, numbers)
            precision: P, made by `precision`
        """
        scaled = difference / self.within_scale
        return (scaled * (precision @ scaled)).sum() / difference.shape[1]
