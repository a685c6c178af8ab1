"""A copy of a signal that moves beside it, each behind a filter.

out = (1 − m)·x + m·(h₀ * x + h₁ * w),    w the copy
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

#: `(audio (batch, channels, time), values, (batch,) each) -> copy`
Played = Callable[[Tensor, tuple[Tensor, ...]], Tensor]
#: `(audio (channels, time), tangents (directions, channels, time), values (1,) each, steps of them
#: (own, values)) -> copy, its derivatives (directions + own, channels, time)`
Moved = Callable[[Tensor, Tensor, tuple[Tensor, ...], Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True, eq=False)
class FilteredCopy:
    """What makes the copy, and the filters.

    Attributes:
        play: makes it
        move: the same with its derivatives
        responses: (channels, 2, taps), h₀ and h₁, float64
    """

    play: Played
    move: Moved
    responses: Tensor

    def process(self, audio: Tensor, moving: tuple[Tensor, ...], mix: Tensor) -> Tensor:
        """Play (batch, channels, time).

        Args:
            audio: (batch, channels, time)
            moving: values of the copy, (batch,) each
            mix: (batch,)
        """
        wet = self._filtered(audio, 0) + self._filtered(self.play(audio, moving), 1)
        amount = mix.double()[:, None, None]
        return ((1.0 - amount) * audio + amount * wet).to(audio.dtype)

    def jvp(
        self,
        audio: Tensor,
        tangents: Tensor,
        steps: Tensor,
        moving: tuple[Tensor, ...],
        mix: Tensor,
    ) -> Tensor:
        """Return the derivatives along the audio, then along steps of `moving` and of the mix.

        Args:
            audio: (channels, time)
            tangents: (directions, channels, time)
            steps: (own, values of `moving`, then the mix)
            moving: (1,) each
            mix: (1,)

        Returns:
            (directions + own, channels, time)
        """
        count, amount = len(tangents), float(mix[0])
        copy, moved = self.move(audio, tangents, moving, steps[:, :-1])
        out = self._filtered(moved, 1)
        out[:count] += self._filtered(tangents, 0)
        out *= amount
        out[:count] += (1.0 - amount) * tangents
        wet = self._filtered(audio[None], 0)[0] + self._filtered(copy[None], 1)[0] - audio
        for place, step in enumerate(steps, start=count):
            out[place] += float(step[-1]) * wet
        return out.to(tangents.dtype)

    def _filtered(self, audio: Tensor, which: int) -> Tensor:
        """Return (…, channels, time) behind one of the responses, float64."""
        if not audio.numel():  # there is no transform of nothing
            return audio.double()
        samples, taps = audio.shape[-1], self.responses.shape[-1]
        length = 1 << (samples + taps - 2).bit_length()
        spectrum = torch.fft.rfft(audio.double(), length)
        response = torch.fft.rfft(self.responses[:, which], length)
        return torch.fft.irfft(spectrum * response, length)[..., :samples]
