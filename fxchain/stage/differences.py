"""Derivatives of a plug-in by differences of what it plays.

All that is played for them is asked for at once. The differences are one-sided: central ones would
take twice as long, and their smaller error matters only where a step is as small as a difference.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fxchain.parameter import ParameterSpec
from fxchain.primitives import Primitive
from fxchain.stage.opaque import Opaque

#: Length of a difference by a control, as a share of its range.
CONTROL_STEP = 1e-3
#: Length of a difference along a tangent of the audio, as a share of the audio's energy.
AUDIO_STEP = 1e-3


def linearize_by_differences(
    plugin: Opaque,
    primitive: Primitive,
    audio: Tensor,
    tangents: Tensor,
    values: Tensor,
    chosen: np.ndarray,
) -> tuple[Tensor, Tensor]:
    """Play and differentiate.

    Args:
        plugin: plays
        primitive: its controls
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio; on any device
        values: (size,)
        chosen: (chosen,), indices of values

    Returns:
        the output (channels, time), and its derivatives along the tangents, then along the chosen
        values: (directions + chosen, channels, time), where the tangents lie
    """
    signal, row = audio.float().numpy(), values.double().numpy()
    moved = tangents.new_empty(len(tangents) + len(chosen), *audio.shape)
    by_slope = primitive.memoryless and len(tangents) > 0
    if by_slope:
        slope = torch.from_numpy(plugin.slope(signal, row)).to(tangents)
        torch.mul(slope, tangents, out=moved[: len(tangents)])
    ends = [] if by_slope else [_along(signal, each, row) for each in tangents]
    ends += [_by_control(signal, row, int(i), primitive.parameters[i]) for i in chosen]
    played, *others = plugin.play_each(
        [signal, *(end.audio for end in ends)], [row, *(end.values for end in ends)]
    )
    first = len(moved) - len(ends)
    for at, (end, other) in enumerate(zip(ends, others, strict=True), start=first):
        slope = np.nan_to_num((other - played) / np.float32(end.distance))
        moved[at] = torch.from_numpy(slope)
    return torch.from_numpy(played).to(audio), moved


@dataclass(frozen=True)
class _End:
    """What is played at the other end of a difference, and how far away that is."""

    audio: np.ndarray
    values: np.ndarray
    distance: float


def _along(signal: np.ndarray, tangent: Tensor, row: np.ndarray) -> _End:
    """Return the end of a difference along a tangent of the audio."""
    moved = tangent.cpu().float().numpy()
    norm = float(np.linalg.norm(moved))
    step = np.float32(AUDIO_STEP * max(float(np.linalg.norm(signal)), 1e-6) / (norm or 1.0))
    return _End(signal + step * moved, row, float(step))


def _by_control(signal: np.ndarray, row: np.ndarray, index: int, spec: ParameterSpec) -> _End:
    """Return the end of a difference by a control, towards the middle of its range."""
    position = spec.normalize(float(row[index]))
    other = position + (CONTROL_STEP if position < 0.5 else -CONTROL_STEP)
    values = row.copy()
    values[index] = float(spec.denormalize(torch.tensor(other, dtype=torch.float64)))
    return _End(signal, values, float(values[index] - row[index]))
