"""The cookbook's peaking and shelving filters, as pedalboard computes them.

Source: R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients", with
A = √(linear gain). pedalboard evaluates them in float32, in the order of operations used here:
given float32 values the coefficients come out as it rounds them, given float64 they are exact.
`dasp_pytorch.signal.biquad` gives the same in float64, but rounds otherwise in float32.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.parameter import ParameterSpec

if TYPE_CHECKING:
    from torch import Tensor

CUTOFF_FREQUENCY = ParameterSpec("cutoff_frequency_hz", "Hz", 20.0, 20_000.0, 1_000.0, "log", 1.5)
GAIN = ParameterSpec("gain_db", "dB", -24.0, 24.0, 0.0, prior_deviation=3.5)
Q = ParameterSpec("q", "", 0.1, 10.0, 0.707, "log", 1.4)


def _angle(cutoff_frequency_hz: Tensor, sample_rate: float) -> Tensor:
    import torch

    held = cutoff_frequency_hz.clamp(max=HIGHEST_FREQUENCY * sample_rate)
    two_pi = torch.tensor(2.0 * math.pi, dtype=held.dtype)
    return two_pi * held / sample_rate


def peak_coefficients(
    sample_rate: float, cutoff_frequency_hz: Tensor, gain_db: Tensor, q: Tensor
) -> Tensor:
    """Return (batch, 1, 6) coefficients of a peaking filter from (batch,) values."""
    from fxchain.dsp.single_precision import cosine, power_of_ten, sine, square_root

    amplitude = square_root(power_of_ten(gain_db * 0.05))
    omega = _angle(cutoff_frequency_hz, sample_rate)
    alpha = sine(omega) / (q * 2)
    middle = -2 * cosine(omega)
    up, down = alpha * amplitude, alpha / amplitude
    rows = [1 + up, middle, 1 - up, 1 + down, middle, 1 - down]
    return _normalized(rows)


def shelf_coefficients(
    sample_rate: float,
    cutoff_frequency_hz: Tensor,
    gain_db: Tensor,
    q: Tensor,
    *,
    high: bool,
) -> Tensor:
    """Return (batch, 1, 6) coefficients of a low or high shelf from (batch,) values."""
    from fxchain.dsp.single_precision import cosine, power_of_ten, sine, square_root

    amplitude = square_root(power_of_ten(gain_db * 0.05))
    omega = _angle(cutoff_frequency_hz, sample_rate)
    less, more = amplitude - 1, amplitude + 1
    turn = cosine(omega)
    beta = sine(omega) * square_root(amplitude) / q
    side = -1 if high else 1
    less_turn = less * turn
    rows = [
        amplitude * (more - side * less_turn + beta),
        amplitude * 2 * side * (less - side * more * turn),
        amplitude * (more - side * less_turn - beta),
        more + side * less_turn + beta,
        -2 * side * (less + side * more * turn),
        more + side * less_turn - beta,
    ]
    return _normalized(rows)


def _normalized(rows: list[Tensor]) -> Tensor:
    import torch

    inverse = 1 / rows[3]
    ordered = [row * inverse for row in rows]
    ordered[3] = torch.ones_like(inverse)
    return torch.stack(ordered, dim=-1).unsqueeze(1)


def first_order_coefficients(b0: Tensor, b1: Tensor, a1: Tensor) -> Tensor:
    """Return (batch, 1, 6) coefficients of a first-order section with a0 = 1."""
    import torch

    zero, one = torch.zeros_like(b0), torch.ones_like(b0)
    return torch.stack([b0, b1, zero, one, a1, zero], dim=-1).unsqueeze(1)
