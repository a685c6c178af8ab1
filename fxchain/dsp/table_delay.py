"""A copy whose delay follows oscillators, with a filtered loop around it."""

import torch
from torch import Tensor

from fxchain.dsp.delay_loop import DelayLoop
from fxchain.dsp.table_loop import TableLoop
from fxchain.dsp.table_oscillators import TableOscillators


def table_delay(oscillators: TableOscillators) -> TableLoop:
    """Return what makes the copy; the sum of the oscillators is the delay, ms."""
    to_samples = oscillators.sample_rate / 1_000.0

    def delays(late: Tensor, precision: torch.dtype) -> Tensor:
        """Return the delay at each sample, (batch, samples), as precise as the players have it."""
        return (late.clamp(min=0.0) * to_samples).to(precision).double()

    return TableLoop(oscillators, DelayLoop, delays)
