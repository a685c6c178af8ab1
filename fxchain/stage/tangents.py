"""Forward derivatives of effects that are no filters, by their audio and their values."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from fxchain.player import Playback
from fxchain.primitives import Primitive

#: Directions that forward mode follows at once.
CHUNK = 16


def move(
    primitive: Primitive,
    audio: Tensor,
    tangents: Tensor,
    playback: Playback,
    values: Tensor,
    chosen: np.ndarray,
) -> Tensor:
    """Return the derivatives of the output: along the tangents, then along the chosen values.

    Recursions over time run on the CPU, where the audio is.

    Args:
        primitive: an effect with a `process`
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio; on any device
        playback: sample rate, position and assets
        values: (size,)
        chosen: (chosen,), indices of values

    Returns:
        (directions + chosen, channels, time), where the tangents lie
    """
    process = primitive.process
    if process is None:
        raise ValueError(f"{primitive.kind} cannot be played in torch")
    names = [spec.name for spec in primitive.parameters]

    def played(signal: Tensor, rows: Tensor) -> Tensor:
        return process(signal, playback, **dict(zip(names, rows.unbind(1), strict=True)))

    if primitive.memoryless:
        return _sample_by_sample(played, audio, tangents, values, chosen)
    home, tangents = tangents.device, tangents.to(audio.device)
    if primitive.jvp is None:
        return _in_forward_mode(played, audio, tangents, values, chosen).to(home)
    named = dict(zip(names, values[:, None], strict=True))
    return _jvp(primitive.jvp, audio, tangents, playback, named, chosen).to(home)


def _jvp(
    jvp: Callable[..., Tensor],
    audio: Tensor,
    tangents: Tensor,
    playback: Playback,
    named: dict[str, Tensor],
    chosen: np.ndarray,
) -> Tensor:
    steps = torch.zeros(len(chosen), len(named), dtype=torch.float64)
    steps[torch.arange(len(chosen)), torch.as_tensor(chosen)] = 1.0
    return jvp(audio, tangents, steps, playback, **named)


def _sample_by_sample(
    played: Callable[[Tensor, Tensor], Tensor],
    audio: Tensor,
    tangents: Tensor,
    values: Tensor,
    chosen: np.ndarray,
) -> Tensor:
    """Differentiate with a copy of the values for each sample, in one backward pass."""
    with torch.enable_grad():
        samples = audio.detach().reshape(-1, 1, 1).requires_grad_()
        rows = values.detach().expand(len(samples), -1).clone().requires_grad_()
        found = torch.autograd.grad(played(samples, rows).sum(), (samples, rows))
    of_samples, of_rows = (each.to(tangents.device) for each in found)
    moved = tangents.new_empty(len(tangents) + len(chosen), *audio.shape)
    torch.mul(of_samples.reshape(audio.shape), tangents, out=moved[: len(tangents)])
    moved[len(tangents) :] = of_rows[:, torch.as_tensor(chosen, device=tangents.device)].T.reshape(
        -1, *audio.shape
    )
    return moved


def _in_forward_mode(
    played: Callable[[Tensor, Tensor], Tensor],
    audio: Tensor,
    tangents: Tensor,
    values: Tensor,
    chosen: np.ndarray,
) -> Tensor:
    def along(moved: Tensor, step: Tensor) -> Tensor:
        return torch.func.jvp(played, (audio[None], values[None]), (moved[None], step[None]))[1][0]

    steps = values.new_zeros(len(tangents) + len(chosen), len(values))
    steps[torch.arange(len(tangents), len(steps)), torch.as_tensor(chosen)] = 1.0
    moved = torch.cat([tangents, tangents.new_zeros(len(chosen), *audio.shape)])
    chunks = zip(moved.split(CHUNK), steps.split(CHUNK), strict=True)
    return torch.cat([moved[:0], *(torch.func.vmap(along)(*c) for c in chunks if len(c[0]))])
