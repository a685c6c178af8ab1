"""Conjugate gradients for large symmetric systems that are nearly Toeplitz.

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
    start: Tensor,
    steps: int,
    tolerance: float,
) -> Tensor:
    """Solve several symmetric positive definite systems A·x = b at once.

    Args:
        apply: multiplies rows ([rows,] size) by A
        precondition: multiplies rows by an approximate inverse of A
        right: b, ([rows,] size)
        start: initial x, ([rows,] size)
        steps: the most iterations
        tolerance: norm of the residual relative to that of b at which to stop

    Returns:
        ([rows,] size)
    """
    solution, residual = start, right - apply(start)
    limit = tolerance * float(right.norm())
    preconditioned = precondition(residual)
    direction, product = preconditioned, (residual * preconditioned).sum(-1, keepdim=True)
    for _ in range(steps):
        if float(residual.norm()) <= limit:
            break
        image = apply(direction)
        length = product / (direction * image).sum(-1, keepdim=True).clamp(min=1e-30)
        solution = solution + length * direction
        residual = residual - length * image
        preconditioned = precondition(residual)
        new_product = (residual * preconditioned).sum(-1, keepdim=True)
        direction = preconditioned + new_product / product.clamp(min=1e-30) * direction
        product = new_product
    return solution


def circulant_inverse(column: Tensor) -> Operator:
    """Return the inverse of the circulant approximation of a symmetric Toeplitz matrix.

    Args:
        column: (size,), the first column of the Toeplitz matrix
    """
    half = len(column)
    falling = column * (1.0 - torch.arange(half) / half)
    circle = torch.cat([falling, falling.new_zeros(1), falling[1:].flip(0)])
    power = spectrum_of(circle, 2 * half).real
    inverse = 1.0 / power.clamp(min=1e-12 * float(power.max()))
    return lambda vector: signal_of(inverse * spectrum_of(vector, 2 * half), 2 * half)[..., :half]


def spectrum_of(signal: Tensor, length: int) -> Tensor:
    """Return the FFT of signals (…, samples), zero-padded."""
    return torch.fft.rfft(signal, n=length)


def signal_of(spectrum: Tensor, length: int) -> Tensor:
    """Return the inverse FFT, (…, length)."""
    return torch.fft.irfft(spectrum, n=length)
