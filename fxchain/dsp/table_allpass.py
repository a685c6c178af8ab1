"""A copy behind all-passes whose corners follow oscillators, with a filtered loop around them."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from fxchain.dsp.allpass_loop import AllpassLoop, allpass_loop
from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.dsp.table_oscillators import TableOscillators

#: The first of the values are those of the oscillators; feedback, high- and low-pass follow.
MOVING = 5


@dataclass(frozen=True, eq=False)
class TableAllpass:
    """The oscillators, and the all-passes.

    Attributes:
        oscillators: the sum is how far the corners move, octaves above 1 kHz
        octaves: (stages,), by which the corner of each all-pass is higher, float64
    """

    oscillators: TableOscillators
    octaves: Tensor

    def play(self, audio: Tensor, moving: tuple[Tensor, ...]) -> Tensor:
        """Return the copy, see `FilteredCopy`."""
        gains = self._gains(audio.shape[-1], *moving[:MOVING])
        return allpass_loop(audio, gains, self._loop(*moving[MOVING:]))

    def move(
        self, audio: Tensor, tangents: Tensor, moving: tuple[Tensor, ...], steps: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return it and its derivatives, likewise."""
        doubles = tuple(each.double() for each in moving)
        swings, fed = doubles[:MOVING], doubles[MOVING:]

        def gains(*at: Tensor) -> Tensor:
            return self._gains(audio.shape[-1], *at)

        recursion = AllpassLoop(gains(*swings)[0].numpy(), self._loop(*fed)[0].numpy())
        copy, apart = recursion.played(audio.detach().double().numpy())
        samples = audio.shape[-1]
        rows = recursion.play(tangents.detach().double().reshape(-1, samples).numpy())
        made = [torch.from_numpy(rows).reshape(tangents.shape)]
        for step in steps.double():
            along = tuple(step[:, None].unbind(0))
            moved = torch.func.jvp(gains, swings, along[:MOVING])[1][0]
            moved_loop = torch.func.jvp(self._loop, fed, along[MOVING:])[1][0]
            slope = recursion.tangent(apart, moved.contiguous().numpy(), moved_loop.numpy())
            made.append(torch.from_numpy(slope)[None])
        return torch.from_numpy(copy), torch.cat(made)

    def _gains(self, samples: int, *moving: Tensor) -> Tensor:
        """Return G of each sample and all-pass, (batch, samples, stages)."""
        octaves = self.oscillators.at(samples, *moving)[..., None] + self.octaves
        return self._gain(1_000.0 * torch.exp2(octaves))

    def _loop(self, feedback: Tensor, highpass_hz: Tensor, lowpass_hz: Tensor) -> Tensor:
        """Return b, P and Q, (batch, 3)."""
        filters = self._gain(lowpass_hz.double()), self._gain(highpass_hz.double())
        return torch.stack([feedback.double(), *filters], dim=-1)

    def _gain(self, frequency_hz: Tensor) -> Tensor:
        rate = self.oscillators.sample_rate
        g = torch.tan(math.pi / rate * frequency_hz.clamp(max=HIGHEST_FREQUENCY * rate))
        return g / (1.0 + g)
