"""The sum of two oscillators whose periods are tables, between whose values lie straight lines."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class TableOscillators:
    """Two oscillators, and where they are played.

    Attributes:
        tables: (2, entries), one period of each from the phase 0 on, float64
        sample_rate: Hz
        first_sample: position of the audio in the recording
    """

    tables: Tensor
    sample_rate: float
    first_sample: int

    def at(
        self,
        samples: int,
        rate_hz: Tensor,
        phase_degrees: Tensor,
        second_rate_hz: Tensor,
        second_phase_degrees: Tensor,
        depth: Tensor,
    ) -> Tensor:
        """Return their sum at each sample, which moves by `depth` about its mean, (batch, samples).

        Args:
            samples: how many
            rate_hz: (batch,), of the first
            phase_degrees: (batch,), of it at the first sample of the recording
            second_rate_hz: (batch,)
            second_phase_degrees: (batch,)
            depth: (batch,), 1 leaves the tables as they are
        """
        time = (torch.arange(samples, dtype=torch.float64) + self.first_sample) / self.sample_rate
        mean = self.tables.mean(dim=1).sum()
        total = torch.zeros(1, 1, dtype=torch.float64)
        pairs = ((rate_hz, phase_degrees), (second_rate_hz, second_phase_degrees))
        for table, (hertz, degrees) in zip(self.tables, pairs, strict=True):
            cycles = hertz.double()[:, None] * time + degrees.double()[:, None] / 360.0
            place = (cycles - torch.floor(cycles.detach())) * len(table)
            whole = torch.floor(place.detach())
            at = whole.long() % len(table)
            near, far = table[at], table[(at + 1) % len(table)]
            total = total + near + (place - whole) * (far - near)
        return mean + depth.double()[:, None] * (total - mean)
