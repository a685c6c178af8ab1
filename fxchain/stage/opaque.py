"""Plugins through which no derivative passes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pedalboard
import torch
from torch import Tensor

from fxchain.dsp.capture import play_whole

Make = Callable[[np.ndarray], pedalboard.Plugin]


def play_opaque(audio: Tensor, values: Tensor, make: Make, sample_rate: float) -> Tensor:
    """Play each item of a batch with a plugin of its own, from silence.

    Args:
        audio: (batch, channels, time)
        values: (batch, size), physical; a batch of one serves all items of the other
        make: gives the plugin for values (size,)
        sample_rate: Hz

    Returns:
        (batch, channels, time); its derivatives are zero
    """
    played: Tensor = _Opaque.apply(audio, values, make, sample_rate)
    return played


class _Opaque(torch.autograd.Function):
    """Played by pedalboard; the gradient is zero, as that of a constant."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, values: Tensor, make: Make, sample_rate: float) -> Tensor:
        ctx.save_for_backward(audio, values)
        signals = audio.detach().float().numpy()
        rows = values.detach().double().numpy()
        played = [
            play_whole(make(rows[item % len(rows)]), signals[item % len(signals)], sample_rate)
            for item in range(max(len(rows), len(signals)))
        ]
        return torch.from_numpy(np.stack(played)).to(audio.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        audio, values = ctx.saved_tensors
        return torch.zeros_like(audio), torch.zeros_like(values), None, None
