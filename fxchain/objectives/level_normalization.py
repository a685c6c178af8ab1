"""Level normalisation of one recording: the chain's output is scaled to the wet, in closed form.

Clips of one device are often brought to full scale one by one; their levels then say nothing about
the device. The gain with the least squared error takes that out of the comparison. It is never
negative: a polarity is no matter of level.
"""

import torch
from torch import Tensor

#: Below this power an output counts as silent.
_LEAST_ENERGY = 1e-20


def level_normalized(output: Tensor, wet: Tensor) -> Tensor:
    """Return the output times the gain that brings it closest to the wet.

    Args:
        output: any shape
        wet: the same shape
    """
    return output * _gain(output, wet)


def level_normalized_with_jacobian(
    output: Tensor, jacobian: Tensor, wet: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the scaled output and how it moves, the gain following.

    Args:
        output: (samples,)
        columns: (count, samples), the output's slopes; they may lie on a GPU
        wet: (samples,)

    Returns:
        (samples,) and (count, samples)

    Source:
        Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
        problems whose variables separate", 1973, for one linear variable: with g = ⟨y, w⟩ / ⟨y, y⟩
        the slope is g·dy + dg·y, dg = (⟨dy, w⟩ − 2g·⟨dy, y⟩) / ⟨y, y⟩.
    """
    gain = _gain(output, wet)
    if float(gain) == 0.0:
        return output * gain, jacobian * gain
    energy = output.square().sum().clamp_min(_LEAST_ENERGY)
    there = output.to(jacobian.device)
    moving = (jacobian @ wet.to(jacobian.device) - 2.0 * gain * (jacobian @ there)) / energy
    return output * gain, jacobian * gain + moving[:, None] * there


def _gain(output: Tensor, wet: Tensor) -> Tensor:
    energy = output.square().sum().clamp_min(_LEAST_ENERGY)
    return torch.clamp((output * wet).sum() / energy, min=0.0)
