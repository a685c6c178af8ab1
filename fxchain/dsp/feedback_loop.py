"""Recursions with filtered feedback that follow curves, differentiable in everything."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]


class FeedbackLoop(Protocol):
    """A recursion along one set of curves."""

    def play(self, x: Array) -> Array:
        """Return w, (rows, time), of x, (rows, time), float64."""
        ...

    def played(self, x: Array) -> tuple[Array, Any]:
        """Return w, and what derivatives need of each row."""
        ...

    def tangent(self, apart: Any, moved: Array, moved_loop: Array) -> Array:
        """Return the derivative of w, (rows, time), along curves and loop."""
        ...

    def adjoint(self, apart: Any, gradient: Array) -> tuple[Array, Array, Array]:
        """Return the gradients of x, of the curves and of the loop by that of w, (rows, time)."""
        ...


#: `(what it follows (time, …), b, P and Q of the loop (3,), see `loop_filter`) -> the recursion`
Recursion = Callable[[Array, Array], FeedbackLoop]


class _FeedbackLoop(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, recursion: Recursion, audio: Tensor, curves: Tensor, loop: Tensor
    ) -> Tensor:
        signals, followed, amounts = (
            each.detach().double().contiguous().numpy() for each in (audio, curves, loop)
        )
        loops = [recursion(*each) for each in zip(followed, amounts, strict=True)]
        ctx.known, ctx.precisions = (signals, loops), (audio.dtype, curves.dtype, loop.dtype)
        made = [each.play(signal) for each, signal in zip(loops, signals, strict=True)]
        return torch.from_numpy(np.stack(made)).to(audio.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        pulled = gradients[0].detach().double().contiguous().numpy()
        rows = [
            loop.adjoint(loop.played(signal)[1], row)
            for signal, loop, row in zip(*ctx.known, pulled, strict=True)
        ]
        found = (torch.from_numpy(np.stack(each)) for each in zip(*rows, strict=True))
        made = (each.to(dtype) for each, dtype in zip(found, ctx.precisions, strict=True))
        return (None, *made)


def feedback_loop(recursion: Recursion, audio: Tensor, curves: Tensor, loop: Tensor) -> Tensor:
    """Return what a recursion makes of audio, differentiable in everything.

    Args:
        recursion: which
        audio: (batch, channels, time)
        curves: (batch, time, …), what it follows
        loop: (batch, 3): b, subtracted from the input, and P and Q of its filters, 0 to 1

    Returns:
        (batch, channels, time)
    """
    made: Tensor = _FeedbackLoop.apply(recursion, audio, curves, loop)
    return made
