"""A copy by a recursion with filtered feedback that follows oscillators."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from fxchain.dsp.feedback_loop import Recursion, feedback_loop
from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.dsp.table_oscillators import TableOscillators

#: The first of the values are those of the oscillators; feedback, high- and low-pass follow.
MOVING = 5


@dataclass(frozen=True, eq=False)
class TableLoop:
    """The oscillators, and the recursion.

    Attributes:
        oscillators: their sum is followed
        recursion: by which the copy is made
        curves: `(sum of the oscillators (batch, samples), precision of the audio) -> what the
            recursion follows, (batch, samples, …)`
    """

    oscillators: TableOscillators
    recursion: Recursion
    curves: Callable[[Tensor, torch.dtype], Tensor]

    def play(self, audio: Tensor, moving: tuple[Tensor, ...]) -> Tensor:
        """Return the copy, see `FilteredCopy`."""
        curves = self.curves(self.oscillators.at(audio.shape[-1], *moving[:MOVING]), audio.dtype)
        return feedback_loop(self.recursion, audio, curves, self._loop(*moving[MOVING:]))

    def move(
        self, audio: Tensor, tangents: Tensor, moving: tuple[Tensor, ...], steps: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return it and its derivatives, likewise."""
        doubles, samples = tuple(each.double() for each in moving), audio.shape[-1]
        swings, fed = doubles[:MOVING], doubles[MOVING:]

        def curves(*at: Tensor) -> Tensor:
            return self.curves(self.oscillators.at(samples, *at), audio.dtype)

        followed = curves(*swings)[0].contiguous().numpy()
        recursion = self.recursion(followed, self._loop(*fed)[0].numpy())
        copy, apart = recursion.played(audio.detach().double().numpy())
        rows = recursion.play(tangents.detach().double().reshape(-1, samples).numpy())
        made = [torch.from_numpy(rows).reshape(tangents.shape)]
        for step in steps.double():
            along = tuple(step[:, None].unbind(0))
            moved = torch.func.jvp(curves, swings, along[:MOVING])[1][0]
            moved_loop = torch.func.jvp(self._loop, fed, along[MOVING:])[1][0]
            slope = recursion.tangent(apart, moved.contiguous().numpy(), moved_loop.numpy())
            made.append(torch.from_numpy(slope)[None])
        return torch.from_numpy(copy), torch.cat(made)

    def _loop(self, feedback: Tensor, highpass_hz: Tensor, lowpass_hz: Tensor) -> Tensor:
        """Return b, P and Q, (batch, 3)."""
        rate = self.oscillators.sample_rate
        filters = (one_pole_gain(each.double(), rate) for each in (lowpass_hz, highpass_hz))
        return torch.stack([feedback.double(), *filters], dim=-1)


def one_pole_gain(frequency_hz: Tensor, sample_rate: float) -> Tensor:
    """Return g/(1 + g), g = tan(π·frequency/rate), the frequency at most 0.45 of the rate."""
    g = torch.tan(math.pi / sample_rate * frequency_hz.clamp(max=HIGHEST_FREQUENCY * sample_rate))
    return g / (1.0 + g)
