"""Derivatives of a plug-in by differences of what it plays."""

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
    played = plugin.play_one(signal, row)
    moved = tangents.new_empty(len(tangents) + len(chosen), *audio.shape)
    if primitive.memoryless and len(tangents):
        slope = torch.from_numpy(plugin.slope(signal, row)).to(tangents)
        torch.mul(slope, tangents, out=moved[: len(tangents)])
    else:
        for index, tangent in enumerate(tangents):
            along = _along(plugin, signal, tangent.cpu().float().numpy(), row)
            moved[index] = torch.from_numpy(along)
    for index, control in enumerate(chosen, start=len(tangents)):
        spec = primitive.parameters[control]
        moved[index] = torch.from_numpy(_by_control(plugin, signal, row, int(control), spec))
    return torch.from_numpy(played).to(audio), moved


def _along(plugin: Opaque, signal: np.ndarray, tangent: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the central difference along a tangent of the audio."""
    norm = float(np.linalg.norm(tangent))
    if not norm > 0.0:
        return np.zeros_like(signal)
    step = np.float32(AUDIO_STEP * max(float(np.linalg.norm(signal)), 1e-6) / norm)
    up, down = (plugin.play_one(signal + each * tangent, row) for each in (step, -step))
    return np.nan_to_num((up - down) / (2.0 * step))


def _by_control(
    plugin: Opaque, signal: np.ndarray, row: np.ndarray, index: int, spec: ParameterSpec
) -> np.ndarray:
    """Return the difference by a control, central within its range."""
    position = spec.normalize(float(row[index]))
    ends = np.clip([position - CONTROL_STEP, position + CONTROL_STEP], 0.0, 1.0)
    down, up = spec.denormalize(torch.from_numpy(ends)).tolist()
    played = []
    for value in (up, down):
        moved = row.copy()
        moved[index] = value
        played.append(plugin.play_one(signal, moved))
    return np.nan_to_num((played[0] - played[1]) / np.float32(up - down))
