"""Large symmetric systems that are nearly Toeplitz, solved step by step.

Source: conjugate gradients with the circulant preconditioner of T. F. Chan, "An optimal circulant
preconditioner for Toeplitz systems", SIAM J. Sci. Stat. Comput. 9 (1988).
"""

from collections.abc import Callable

import torch
from torch import Tensor

Operator = Callable[[Tensor], Tensor]


def conjugate_gradients(
    apply: Operator,
    precondition: Operator,
    right: Tensor,
    begun: Tensor,
    steps: int,
    tolerance: float,
) -> Tensor:
    """Solve symmetric, positive systems side by side, each in a row.

    Args:
        apply: multiplies rows ([rows,] size) by the matrices
        precondition: multiplies them by something near the inverses
        right: ([rows,] size)
        begun: ([rows,] size), where to begin
        steps: at most so many
        tolerance: norm of the residual, relative to that of `right`, at which to end

    Returns:
        ([rows,] size)
    """
    found, residual = begun, right - apply(begun)
    enough = tolerance * float(right.norm())
    turned = precondition(residual)
    way, size = turned, (residual * turned).sum(-1, keepdim=True)
    for _ in range(steps):
        if float(residual.norm()) <= enough:
            break
        ahead = apply(way)
        length = size / (way * ahead).sum(-1, keepdim=True).clamp(min=1e-30)
        found = found + length * way
        residual = residual - length * ahead
        turned = precondition(residual)
        with_drive_added = (residual * turned).sum(-1, keepdim=True)
        way = turned + with_drive_added / size.clamp(min=1e-30) * way
        size = with_drive_added
    return found


def circulant_inverse(column: Tensor) -> Operator:
    """Return the inverse of a circulant matrix that is near a symmetric Toeplitz one.

    Args:
        column: (size,), the first of the Toeplitz matrix
    """
    half = len(column)
    falling = column * (1.0 - torch.arange(half) / half)
    circle = torch.cat([falling, falling.new_zeros(1), falling[1:].flip(0)])
    power = spectrum_of(circle, 2 * half).real
    inverse = 1.0 / power.clamp(min=1e-12 * float(power.max()))
    return lambda vector: signal_of(inverse * spectrum_of(vector, 2 * half), 2 * half)[..., :half]


def spectrum_of(signal: Tensor, length: int) -> Tensor:
    """Return the FFT of signals (…, samples), filled up with zeros."""
    return torch.fft.rfft(signal, n=length)


def signal_of(spectrum: Tensor, length: int) -> Tensor:
    """Return the signals (…, length) of FFTs."""
    return torch.fft.irfft(spectrum, n=length)
