"""Derivatives of the logarithm of a cascade's frequency response by its coefficients.

The derivative of log H along a direction is Σ dB/B − dA/A over the sections that move; times H it
is that of the response itself. Plain torch, so that it can be computed wherever torch can.
"""

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from fxchain.dsp.cascade_response import bin_functions
from fxchain.dsp.recursion_tangents import Direction

#: Sections whose coefficients have a derivative are computed so many at once.
CHUNK = 16


def log_slopes(
    coefficients: Tensor, directions: Sequence[Direction], n_fft: int, device: torch.device
) -> Tensor:
    """Return d log H along each direction.

    Args:
        coefficients: (sections, 6), b0 b1 b2 a0 a1 a2
        directions: how they move
        n_fft: length of the FFT whose non-negative bins are wanted
        device: where it is computed, and lies

    Returns:
        (directions, n_fft // 2 + 1), complex64; bins where a section's polynomial is zero get
        nothing from it
    """
    grid = _grid(n_fft, device)
    out = torch.zeros(len(directions), len(grid[0]), dtype=torch.complex64, device=device)
    if not directions:
        return out
    rows = torch.cat([coefficients[first : first + len(each)] for first, each in directions])
    slopes = torch.cat([each for _, each in directions])
    owners = [owner for owner, (_, each) in enumerate(directions) for _ in each]
    moving = torch.stack([rows, slopes]).detach().double().to(device)
    for begin in range(0, len(owners), CHUNK):
        row, slope = moving[:, begin : begin + CHUNK, :, None]
        found = _ratio(slope[:, :3], row[:, :3], grid) - _ratio(slope[:, 3:], row[:, 3:], grid)
        for owner, each in zip(owners[begin:], found, strict=False):
            out[owner] += each
    return out


@lru_cache(maxsize=8)
def _grid(n_fft: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return 1 − cos ω and sin ω at the bins."""
    versine, sine = (torch.from_numpy(each).to(device) for each in bin_functions(n_fft))
    return versine, sine


def _ratio(numerator: Tensor, denominator: Tensor, grid: tuple[Tensor, Tensor]) -> Tensor:
    """Return one polynomial over the other, (sections, bins), 0 where the other is 0."""
    below = _polynomial(denominator, grid)
    found = _polynomial(numerator, grid) / below
    return torch.where(below == 0, 0.0, found)


def _polynomial(row: Tensor, grid: tuple[Tensor, Tensor]) -> Tensor:
    """Return the values of (sections, 3, 1) at the bins, times exp(jω)."""
    c0, c1, c2 = row.unbind(1)
    versine, sine = grid
    return torch.complex(c0 + c1 + c2 - (c0 + c2) * versine, (c0 - c2) * sine)
