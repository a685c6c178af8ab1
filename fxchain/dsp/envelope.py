"""An envelope that rises and falls at different speeds, with pedalboard's bits in float32.

y[t] = x[t] + c·(y[t−1] − x[t]), c being the attack's coefficient while x rises above y and the
release's while it falls. In float64 this is `torchcomp.core.compressor_core`, whose sense of
attack is the reverse. In float32 the operations have the order of `juce::dsp::BallisticsFilter`;
the gradient is the same, by the adjoint recursion
u[t] = g[t] + c[t+1]·u[t+1], ∂x[t] = (1 − c[t])·u[t], ∂c = Σ u[t]·(y[t−1] − x[t]).

Source: C.-Y. Yu et al., "Differentiable All-pole Filters for Time-varying Audio Systems", 2024.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
import torch
from torch import Tensor
from torchcomp.core import compressor_core

from fxchain.dsp.thread_pool import map_threads

#: Directions that one thread follows before it takes the next.
_AT_ONCE = 8


@numba.njit(cache=True, nogil=True)
def _follow(x, attack, release, y):  # type: ignore[no-untyped-def]
    for row in range(x.shape[0]):
        rise, fall = attack[row], release[row]
        last = x.dtype.type(0)
        for t in range(x.shape[1]):
            sample = x[row, t]
            c = rise if sample > last else fall
            last = sample + c * (last - sample)
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
def _jvp(moved, into, keep, lean, gain, out):  # type: ignore[no-untyped-def]
    """Write gain·moved + lean·e, where e[t] = keep[t]·e[t−1] + into[t]·moved[t]."""
    for direction in range(moved.shape[0]):
        for row in range(moved.shape[1]):
            last = 0.0
            for t in range(moved.shape[2]):
                step = moved[direction, row, t]
                last = keep[row, t] * last + into[row, t] * step
                out[direction, row, t] = lean[row, t] * last + gain[row, t] * step


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


@dataclass(frozen=True)
class Pushed:
    """How an envelope, and what depends on it, moves along several directions at once.

    Args:
        x: (rows, time)
        y: (rows, time), the envelope of x
        attack: (rows,), as in `envelope`
        release: (rows,)
    """

    x: Tensor
    y: Tensor
    attack: Tensor
    release: Tensor

    @cached_property
    def _before(self) -> Tensor:
        return torch.nn.functional.pad(self.y[:, :-1], (1, 0))

    @cached_property
    def _rises(self) -> Tensor:
        return self.x > self._before

    @cached_property
    def _keep(self) -> Tensor:
        return torch.where(self._rises, self.attack[:, None], self.release[:, None]).double()

    def along_signal(
        self, moved: Tensor, sign: Tensor, lean: Tensor, gain: Tensor, out: Tensor
    ) -> None:
        """Write gain·moved + lean·(the envelope's slope) for a signal with x = sign·signal.

        Args:
            moved: (directions, rows, time), how the signal moves
            sign: (rows, time)
            lean: (rows, time), slope of the output along the envelope
            gain: (rows, time), its slope along the signal itself
            out: (directions, rows, time), filled
        """
        self._fill(moved, (1.0 - self._keep) * sign, lean, gain, out)

    def along_times(self, attack_moved: float, release_moved: float) -> Tensor:
        """Return the envelope's slope (rows, time) when its coefficients move."""
        driven = torch.where(self._rises, attack_moved, release_moved) * (self._before - self.x)
        out = torch.empty_like(self.x)
        ones = torch.ones_like(self.x)
        into = torch.ones_like(self._keep)
        self._fill(driven[None].to(out.dtype), into, ones, torch.zeros_like(ones), out[None])
        return out

    def _fill(self, moved: Tensor, into: Tensor, lean: Tensor, gain: Tensor, out: Tensor) -> None:
        kept, weights = self._keep.contiguous().numpy(), into.contiguous().numpy()
        leans, gains = lean.contiguous().numpy(), gain.contiguous().numpy()
        pushed, filled = moved.contiguous().numpy(), out.numpy()

        def follow(part: slice) -> None:
            _jvp(pushed[part], weights, kept, leans, gains, filled[part])

        map_threads(follow, [slice(at, at + _AT_ONCE) for at in range(0, len(pushed), _AT_ONCE)])
