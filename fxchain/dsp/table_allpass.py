"""A copy behind all-passes whose corners follow oscillators, with a filtered loop around them."""

import torch
from torch import Tensor

from fxchain.dsp.allpass_loop import AllpassLoop
from fxchain.dsp.table_loop import TableLoop, one_pole_gain
from fxchain.dsp.table_oscillators import TableOscillators


def table_allpass(oscillators: TableOscillators, octaves: Tensor) -> TableLoop:
    """Return what makes the copy.

    Args:
        oscillators: the sum is how far the corners move, octaves above 1 kHz
        octaves: (stages,), by which the corner of each all-pass is higher, float64
    """

    def gains(moved: Tensor, precision: torch.dtype) -> Tensor:
        """Return G of each sample and all-pass, (batch, samples, stages)."""
        corners = 1_000.0 * torch.exp2(moved[..., None] + octaves)
        return one_pole_gain(corners, oscillators.sample_rate)

    return TableLoop(oscillators, AllpassLoop, gains)
