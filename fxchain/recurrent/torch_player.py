"""A recurrent cell on torch audio, with its gradient and its derivatives along tangents."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.thread_pool import map_threads
from fxchain.recurrent.recurrence import Run


class _Played(torch.autograd.Function):
    """Rows through the cell; the gradient runs backwards in time."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weights: np.ndarray, factor: float) -> Tensor:
        signals = rows.detach().contiguous().numpy()
        ctx.runs = map_threads(lambda row: Run(row, weights, factor), list(signals))
        return torch.from_numpy(np.stack([run.output for run in ctx.runs]))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        pairs = list(zip(ctx.runs, gradients[0].contiguous().numpy(), strict=True))
        found = map_threads(lambda pair: pair[0].backwards(pair[1]), pairs)
        return torch.from_numpy(np.stack(found)), None, None


def play(audio: Tensor, weights: np.ndarray, factor: float) -> Tensor:
    """Return what the cell makes of each channel of (…, time), differentiably.

    Args:
        audio: float32 or float64
        weights: (size,), see `Layout`
        factor: sample rate of the audio, of the weights' as 1
    """
    rows = audio.reshape(-1, audio.shape[-1])
    played: Tensor = _Played.apply(rows, weights, factor)
    return played.reshape(audio.shape)


def play_tangents(audio: Tensor, tangents: Tensor, weights: np.ndarray, factor: float) -> Tensor:
    """Return the derivatives of `play` of (channels, time) along tangents of the audio.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time)
        weights: (size,)
        factor: as in `play`

    Returns:
        (directions, channels, time)
    """
    signals, moving = audio.contiguous().numpy(), tangents.contiguous().numpy()
    out = np.empty_like(moving)

    def follow(channel: int) -> None:
        made = np.empty((len(moving), moving.shape[-1]), moving.dtype)
        Run(signals[channel], weights, factor).forwards(moving[:, channel], made)
        out[:, channel] = made

    map_threads(follow, list(range(len(signals))))
    return torch.from_numpy(out)
