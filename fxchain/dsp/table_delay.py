"""A copy whose delay follows oscillators: w(t) = x(t − d(t))."""

from dataclasses import dataclass

import torch
from torch import Tensor

from fxchain.dsp.modulated_delay import modulated_delay, modulated_delay_tangents
from fxchain.dsp.table_oscillators import TableOscillators


@dataclass(frozen=True, eq=False)
class TableDelay:
    """The oscillators, whose sum is the delay, ms; the values are those of `TableOscillators`."""

    oscillators: TableOscillators

    def play(self, audio: Tensor, moving: tuple[Tensor, ...]) -> Tensor:
        """Return the copy, see `FilteredCopy`."""
        delays = self._delays(audio.shape[-1], *moving)
        return modulated_delay(audio, delays, torch.zeros(len(audio), dtype=delays.dtype))

    def move(
        self, audio: Tensor, tangents: Tensor, moving: tuple[Tensor, ...], steps: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return it and its derivatives, likewise."""
        doubles = tuple(each.double() for each in moving)

        def delays(*at: Tensor) -> Tensor:
            return self._delays(audio.shape[-1], *at)

        slopes = []
        for step in steps.double():
            along = tuple(step[:, None].unbind(0))
            slopes.append((torch.func.jvp(delays, doubles, along)[1][0], 0.0))
        still = torch.zeros((), dtype=torch.float64)
        return modulated_delay_tangents(audio, tangents, delays(*doubles)[0], still, slopes)

    def _delays(self, samples: int, *moving: Tensor) -> Tensor:
        """Return the delay at each sample, in samples, (batch, samples)."""
        late = self.oscillators.at(samples, *moving)
        return late.clamp(min=0.0) * (self.oscillators.sample_rate / 1_000.0)
