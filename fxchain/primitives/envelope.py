"""An envelope that rises and falls at different speeds, with pedalboard's bits in float32.

y[t] = x[t] + c·(y[t−1] − x[t]), c being the attack's coefficient while x rises above y and the
release's while it falls. In float64 this is `torchcomp.core.compressor_core`, whose sense of
attack is the reverse. In float32 the operations have the order of `juce::dsp::BallisticsFilter`;
the gradient is the same, by the adjoint recursion
u[t] = g[t] + c[t+1]·u[t+1], ∂x[t] = (1 − c[t])·u[t], ∂c = Σ u[t]·(y[t−1] − x[t]).

Source: C.-Y. Yu et al., "Differentiable All-pole Filters for Time-varying Audio Systems", 2024.
"""

from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor
from torchcomp.core import compressor_core

from fxchain.primitives.parallel import spread

#: Directions that one thread follows before it takes the next.
_AT_ONCE = 8


@numba.njit(cache=True, nogil=True)
def _follow(x, attack, release, y):  # type: ignore[no-untyped-def]
    for row in range(x.shape[0]):
        rise, fall = attack[row], release[row]
        last = x.dtype.type(0)
        for t in range(x.shape[1]):
            heard = x[row, t]
            c = rise if heard > last else fall
            last = heard + c * (last - heard)
            y[row, t] = last


@numba.njit(cache=True, nogil=True)
def _pull(x, y, attack, release, gradient, of_attack, of_release):  # type: ignore[no-untyped-def]
    """Turn `gradient` into that of x; write those of the coefficients."""
    for row in range(x.shape[0]):
        total_rise, total_fall, carried = 0.0, 0.0, 0.0
        for t in range(x.shape[1] - 1, -1, -1):
            before = y[row, t - 1] if t > 0 else 0.0
            rises = x[row, t] > before
            u = gradient[row, t] + carried
            c = attack[row] if rises else release[row]
            if rises:
                total_rise += u * (before - x[row, t])
            else:
                total_fall += u * (before - x[row, t])
            gradient[row, t] = (1.0 - c) * u
            carried = c * u
        of_attack[row], of_release[row] = total_rise, total_fall


@numba.njit(cache=True, nogil=True)
def _push(x, y, remainders, moved, remainders_moved, out):  # type: ignore[no-untyped-def]
    """Write how y moves when x moves along `moved`, the coefficients along `remainders_moved`."""
    for direction in range(moved.shape[0]):
        for row in range(x.shape[0]):
            rise, fall = remainders[0, row], remainders[1, row]
            d_rise = remainders_moved[0, direction, row]
            d_fall = remainders_moved[1, direction, row]
            last, before = 0.0, 0.0
            for t in range(x.shape[1]):
                rises = x[row, t] > before
                c = rise if rises else fall
                d_c = d_rise if rises else d_fall
                last = (1.0 - c) * moved[direction, row, t] + c * last
                last += d_c * (before - x[row, t])
                out[direction, row, t] = last
                before = y[row, t]


class _Envelope(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, attack: Tensor, release: Tensor) -> Tensor:
        y = torch.empty_like(x, memory_format=torch.contiguous_format)
        pair = (attack.float().numpy(), release.float().numpy())
        _follow(x.contiguous().numpy(), *pair, y.numpy())
        ctx.save_for_backward(x, attack, release, y)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, attack, release, y = ctx.saved_tensors
        of_x = gradients[0].clone(memory_format=torch.contiguous_format)
        of_attack, of_release = torch.empty_like(attack), torch.empty_like(release)
        _pull(
            x.contiguous().numpy(), y.numpy(), attack.numpy(), release.numpy(),
            of_x.numpy(), of_attack.numpy(), of_release.numpy(),
        )  # fmt: skip
        return of_x, of_attack, of_release


def envelope(x: Tensor, attack: Tensor, release: Tensor) -> Tensor:
    """Follow a signal, differentiably in all arguments.

    Args:
        x: (rows, time), not negative
        attack: (rows,), float64, how much of the distance is left after a sample while rising
        release: (rows,), float64, the same while falling

    Returns:
        (rows, time)
    """
    if x.dtype == torch.float32:
        followed: Tensor = _Envelope.apply(x, attack, release)
        return followed
    return compressor_core(x, torch.zeros_like(x[:, 0]), 1.0 - release, 1.0 - attack)


def envelope_slopes(
    x: Tensor,
    y: Tensor,
    remainders: Tensor,
    moved: Tensor,
    remainders_moved: Tensor,
) -> Tensor:
    """Return how an envelope moves along several directions at once.

    Args:
        x: (rows, time)
        y: (rows, time), the envelope of x
        remainders: (2, rows), the coefficients of attack and release
        moved: (directions, rows, time), how x moves
        remainders_moved: (2, directions, rows), how the coefficients move

    Returns:
        (directions, rows, time)
    """
    out = torch.empty_like(moved, memory_format=torch.contiguous_format)
    still = remainders.double().contiguous().numpy()
    moving = remainders_moved.double().contiguous().numpy()
    heard, made = x.contiguous().numpy(), y.contiguous().numpy()
    pushed, filled = moved.contiguous().numpy(), out.numpy()

    def push(part: slice) -> None:
        steps = np.ascontiguousarray(moving[:, part])
        _push(heard, made, still, pushed[part], steps, filled[part])

    spread(push, [slice(at, at + _AT_ONCE) for at in range(0, len(pushed), _AT_ONCE)])
    return out
