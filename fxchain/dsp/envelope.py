"""An envelope that rises and falls at different speeds, with pedalboard's bits in float32.

y[t] = x[t] + c·(y[t−1] − x[t]), c being the attack's coefficient while x rises above y and the
release's while it falls. In float64 this is `torchcomp.core.compressor_core`, whose sense of
attack is the reverse. In float32 the operations have the order of `juce::dsp::BallisticsFilter`;
the gradient is the same, by the adjoint recursion
u[t] = g[t] + c[t+1]·u[t+1], ∂x[t] = (1 − c[t])·u[t], ∂c = Σ u[t]·(y[t−1] − x[t]).

Source: C.-Y. Yu et al., "Differentiable All-pole Filters for Time-varying Audio Systems", 2024.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
import torch
from torch import Tensor
from torchcomp.core import compressor_core

from fxchain.dsp.compilation_cache import CACHED
from fxchain.dsp.single_precision import rounded
from fxchain.dsp.thread_pool import map_threads

#: Directions per piece of work of a thread.
_AT_ONCE = 8


@numba.njit(cache=CACHED, nogil=True)
def _follow(x, attack, release, y):  # type: ignore[no-untyped-def]
    for row in range(x.shape[0]):
        rise, fall = attack[row], release[row]
        last = x.dtype.type(0)
        for t in range(x.shape[1]):
            sample = x[row, t]
            c = rise if sample > last else fall
            last = sample + c * (last - sample)
            y[row, t] = last


@numba.njit(cache=CACHED, nogil=True)
def _adjoint(x, y, attack, release, gradient, of_attack, of_release):  # type: ignore[no-untyped-def]
    """Replace `gradient` ∂L/∂y by ∂L/∂x; write ∂L/∂attack and ∂L/∂release."""
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


@numba.njit(cache=CACHED, nogil=True)
def _jvp(tangents, weights, poles, by_envelope, by_signal, out):  # type: ignore[no-untyped-def]
    """Write by_signal·s + by_envelope·e, e[t] = poles[t]·e[t−1] + weights[t]·s[t]."""
    for direction in range(tangents.shape[0]):
        for row in range(tangents.shape[1]):
            last = 0.0
            for t in range(tangents.shape[2]):
                step = tangents[direction, row, t]
                last = poles[row, t] * last + weights[row, t] * step
                out[direction, row, t] = by_envelope[row, t] * last + by_signal[row, t] * step


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
        _adjoint(
            x.contiguous().numpy(), y.numpy(), attack.numpy(), release.numpy(),
            of_x.numpy(), of_attack.numpy(), of_release.numpy(),
        )  # fmt: skip
        return of_x, of_attack, of_release


def remainder(time_ms: Tensor, sample_rate: float, dtype: torch.dtype) -> Tensor:
    """Return exp(−2π·1000/(rate·ms)), the share of the distance that is left after a sample.

    It is computed in float64; for float32 audio it is rounded as pedalboard rounds it.

    Args:
        time_ms: time constant, ms
        sample_rate: Hz
        dtype: of the audio
    """
    factor = -2.0 * math.pi * 1_000.0 / sample_rate
    if dtype != torch.float32:
        return torch.exp(factor / time_ms.double())
    return rounded(torch.exp(factor / rounded(time_ms.double())))


def remainder_slopes(time_ms: Tensor, remainders: Tensor, sample_rate: float) -> Tensor:
    """Return the derivatives of `remainder` by its time constants, ms.

    Args:
        time_ms: (times,)
        remainders: (times,), of these
        sample_rate: Hz
    """
    return remainders * (2.0 * math.pi * 1_000.0 / sample_rate) / time_ms.double() ** 2


def channel_envelope(
    x: Tensor, attack_ms: Tensor, release_ms: Tensor, sample_rate: float
) -> Tensor:
    """Return the envelopes of all channels of a batch, each signal with its own time constants.

    Args:
        x: (batch, channels, time), not negative
        attack_ms: (batch,) or (1,)
        release_ms: (batch,) or (1,)
        sample_rate: Hz

    Returns:
        (batch, channels, time)
    """
    batch, channels, time = x.shape
    rise, fall = (
        remainder(time_ms, sample_rate, x.dtype).expand(batch).repeat_interleave(channels)
        for time_ms in (attack_ms, release_ms)
    )
    return envelope(x.reshape(-1, time), rise, fall).reshape(x.shape)


def envelope(x: Tensor, attack: Tensor, release: Tensor) -> Tensor:
    """Return the envelope y of x, differentiably in all arguments.

    Args:
        x: (rows, time), not negative
        attack: (rows,), float64, c while rising: the share of the distance left after a sample
        release: (rows,), float64, c while falling

    Returns:
        (rows, time)
    """
    if x.dtype == torch.float32:
        followed: Tensor = _Envelope.apply(x, attack, release)
        return followed
    return compressor_core(x, torch.zeros_like(x[:, 0]), 1.0 - release, 1.0 - attack)


@dataclass(frozen=True)
class EnvelopeDerivative:
    """Forward derivatives of an envelope along several directions at once.

    With c[t] the attack's or release's coefficient that was in use,
    ẏ[t] = c[t]·ẏ[t−1] + (1 − c[t])·ẋ[t] + ċ[t]·(y[t−1] − x[t]).

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
    def _poles(self) -> Tensor:
        return torch.where(self._rises, self.attack[:, None], self.release[:, None]).double()

    def along_signal(
        self, tangents: Tensor, sign: Tensor, by_envelope: Tensor, by_signal: Tensor, out: Tensor
    ) -> None:
        """Write by_signal·ṡ + by_envelope·ẏ for a signal s of which x = sign·s is the magnitude.

        Args:
            tangents: (directions, rows, time), ṡ
            sign: (rows, time)
            by_envelope: (rows, time), partial derivative of the output by the envelope
            by_signal: (rows, time), partial derivative of the output by the signal itself
            out: (directions, rows, time), written
        """
        self._fill(tangents, (1.0 - self._poles) * sign, by_envelope, by_signal, out)

    def along_coefficients(self, attack: float, release: float) -> Tensor:
        """Return ẏ (rows, time) where the coefficients have these derivatives."""
        driven = torch.where(self._rises, attack, release) * (self._before - self.x)
        out = torch.empty_like(self.x)
        ones = torch.ones_like(self.x)
        weights = torch.ones_like(self._poles)
        self._fill(driven[None].to(out.dtype), weights, ones, torch.zeros_like(ones), out[None])
        return out

    def _fill(
        self, tangents: Tensor, weights: Tensor, by_envelope: Tensor, by_signal: Tensor, out: Tensor
    ) -> None:
        own, poles = weights.contiguous().numpy(), self._poles.contiguous().numpy()
        levels, gains = by_envelope.contiguous().numpy(), by_signal.contiguous().numpy()
        signals, filled = tangents.contiguous().numpy(), out.numpy()

        def follow(part: slice) -> None:
            _jvp(signals[part], own, poles, levels, gains, filled[part])

        map_threads(follow, [slice(at, at + _AT_ONCE) for at in range(0, len(signals), _AT_ONCE)])
