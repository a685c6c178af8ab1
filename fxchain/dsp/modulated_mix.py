"""Effects with an oscillator, a recursion that follows it, and the dry signal beside that."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

#: `(audio (batch, channels, time), curve (batch, time), feedback (batch,)) -> audio`
Played = Callable[[Tensor, Tensor, Tensor], Tensor]
#: `(audio, tangents, curve (time,), feedback (), derivatives of both) -> audio, its derivatives`
Moved = Callable[
    [Tensor, Tensor, Tensor, Tensor, list[tuple[Tensor, float]]], tuple[Tensor, Tensor]
]


@dataclass(frozen=True)
class ModulatedMix:
    """(1 − mix)·x + mix·w, w a recursion over x that follows a curve.

    Attributes:
        play: the recursion
        move: the same with its derivatives
        curve: `(values in the order of the controls, (batch,) each) -> (batch, time)`
    """

    play: Played
    move: Moved
    curve: Callable[..., Tensor]

    def process(
        self, audio: Tensor, feedback: Tensor, mix: Tensor, moving: tuple[Tensor, ...]
    ) -> Tensor:
        """Play (batch, channels, time)."""
        wet = self.play(audio, self.curve(*moving), feedback)
        amount = mix.to(audio.dtype)[:, None, None]
        return audio * (1.0 - amount) + wet * amount

    def jvp(
        self,
        audio: Tensor,
        tangents: Tensor,
        steps: Tensor,
        feedback: Tensor,
        mix: Tensor,
        moving: tuple[Tensor, ...],
    ) -> Tensor:
        """Return the derivatives along the audio, then along steps of the values.

        Args:
            audio: (channels, time)
            tangents: (directions, channels, time)
            steps: (own, values), those of `moving` first, then of feedback and mix
            feedback: (1,)
            mix: (1,)
            moving: (1,) each

        Returns:
            (directions + own, channels, time)
        """
        count = len(moving)
        moved = []
        for step in steps:
            along = tuple(step[:count].double()[:, None].unbind(0))
            doubles = tuple(each.double() for each in moving)
            slope = torch.func.jvp(self.curve, doubles, along)[1][0]
            moved.append((slope, float(step[count])))
        curve = self.curve(*moving)[0]
        wet, found = self.move(audio, tangents, curve, feedback[0], moved)
        amount = float(mix[0])
        out = found.mul_(amount)
        out[: len(tangents)].add_(tangents, alpha=1.0 - amount)
        for place, step in enumerate(steps, start=len(tangents)):
            if step[count + 1]:
                out[place].add_(wet - audio, alpha=float(step[count + 1]))
        return out
