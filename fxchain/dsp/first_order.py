"""First-order high- and low-pass filters by the bilinear transform, as pedalboard's are.

With n = tan(π·f/sample_rate): low-pass b = [n, n]/(n+1), high-pass b = [1, −1]/(n+1), both with
a = [1, (n−1)/(n+1)]. Source: the bilinear transform of 1/(s+1) and s/(s+1), pre-warped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fxchain.dsp.biquad import first_order_coefficients
from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY

if TYPE_CHECKING:
    from torch import Tensor


def _warped(cutoff_frequency_hz: Tensor, sample_rate: float) -> Tensor:
    import torch

    from fxchain.dsp.single_precision import tangent

    held = cutoff_frequency_hz.clamp(max=HIGHEST_FREQUENCY * sample_rate)
    return tangent(torch.tensor(math.pi, dtype=held.dtype) * held / sample_rate)


def lowpass_coefficients(sample_rate: float, cutoff_frequency_hz: Tensor) -> Tensor:
    """Return (batch, 1, 6) coefficients of a first-order low-pass."""
    n = _warped(cutoff_frequency_hz, sample_rate)
    inverse = 1 / (n + 1)
    return first_order_coefficients(n * inverse, n * inverse, (n - 1) * inverse)


def highpass_coefficients(sample_rate: float, cutoff_frequency_hz: Tensor) -> Tensor:
    """Return (batch, 1, 6) coefficients of a first-order high-pass."""
    n = _warped(cutoff_frequency_hz, sample_rate)
    inverse = 1 / (n + 1)
    return first_order_coefficients(inverse, -inverse, (n - 1) * inverse)
