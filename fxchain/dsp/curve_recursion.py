"""Recursions that follow a curve and feed back, linear in the audio: their derivatives along it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

#: `(audio (rows, time), curve (time,), feedback, out)`: writes what is played.
Play = Callable[[NDArray[Any], NDArray[Any], Any, NDArray[Any]], None]


@dataclass(frozen=True, eq=False)
class AlongAudio:
    """A recursion with its derivatives along the audio, in the precision of that.

    Attributes:
        signal: (channels, time)
        curve: (time,)
        feedback: a number
        out: (directions + further, channels, time), the further ones empty
    """

    signal: NDArray[Any]
    curve: NDArray[Any]
    feedback: Any
    out: Tensor


def along_audio(
    play: Play, audio: Tensor, tangents: Tensor, curve: Tensor, feedback: Tensor, further: int
) -> AlongAudio:
    """Differentiate along the audio: the recursion plays the directions.

    Args:
        play: the recursion
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        curve: (time,)
        feedback: ()
        further: for how many derivatives along something else there is room
    """
    signal = audio.detach().contiguous().numpy()
    followed, amount = curve.numpy().astype(signal.dtype), signal.dtype.type(feedback.item())
    out = torch.empty(len(tangents) + further, *audio.shape, dtype=tangents.dtype)
    if len(tangents):
        flat = tangents.detach().to(audio.dtype).contiguous().numpy().reshape(-1, audio.shape[-1])
        filtered = np.empty_like(flat)
        play(flat, followed, amount, filtered)
        out.numpy()[: len(tangents)] = filtered.reshape(tangents.shape)
    return AlongAudio(signal, followed, amount, out)
