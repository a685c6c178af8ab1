"""All-passes in series whose corners change at every sample, and a filtered loop around them.

    u = x − b·f,   then for each all-pass with its state s:
    v = G·(o − s),   l = v + s,   s ← l + v,   o ← 2·l − o   (o = u at first);   w = o
    f = w behind a low-pass and a high-pass of first order, of the same form, with P and Q for G

The loop has no delay: all that is not state is linear in u, so that u follows. All is float64. The
gradient is that of the adjoint recursion, run from the end.

Source: V. Zavalishin, "The Art of VA Filter Design", 2012: one-poles in topology-preserving form,
zero-delay feedback.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxchain.dsp.compilation_cache import CACHED

Array = NDArray[np.float64]


@numba.njit(cache=CACHED, nogil=True)
def _play(x, gains, loop, w, apart):  # type: ignore[no-untyped-def]
    """Write w, and what the recursion of derivatives needs where there is room for it.

    Args:
        x: (rows, time)
        gains: (time, stages)
        loop: b, P, Q
        w: (rows, time)
        apart: (rows, time, stages + 3): o − s of each stage, w − s and l − s of the loop, and f;
            none with (0, 0, 0)
    """
    b, p, q = loop
    stages, kept = gains.shape[1], apart.shape[0] > 0
    for row in range(x.shape[0]):
        states, low, high = np.zeros(stages), 0.0, 0.0
        for t in range(x.shape[1]):
            u = x[row, t]
            if b != 0.0:
                own, through = 0.0, 1.0
                for k in range(stages):
                    turn = 2.0 * gains[t, k] - 1.0
                    own = turn * own + (1.0 - turn) * states[k]
                    through *= turn
                fed = (1.0 - q) * (p * own + (1.0 - p) * low - high)
                u = (u - b * fed) / (1.0 + b * (1.0 - q) * p * through)
            o = u
            for k in range(stages):
                beyond = o - states[k]
                v = gains[t, k] * beyond
                lowpassed = v + states[k]
                states[k] = lowpassed + v
                o = 2.0 * lowpassed - o
                if kept:
                    apart[row, t, k] = beyond
            w[row, t] = o
            over = o - low
            between = low + p * over
            low = between + p * over
            above = between - high
            if kept:
                apart[row, t, stages], apart[row, t, stages + 1] = over, above
                apart[row, t, stages + 2] = (1.0 - q) * above
            high += 2.0 * q * above


@numba.njit(cache=CACHED, nogil=True)
def _tangent(apart, gains, loop, moved, moved_loop, out):  # type: ignore[no-untyped-def]
    """Write the derivative of one channel of w along gains and loop, the input constant.

    Args:
        apart: (time, stages + 3), of the channel
        gains: (time, stages)
        loop: b, P, Q
        moved: (time, stages), derivatives of the gains
        moved_loop: of b, P, Q
        out: (time,)
    """
    b, p, q = loop
    db, dp, dq = moved_loop
    stages = gains.shape[1]
    states, low, high = np.zeros(stages), 0.0, 0.0
    for t in range(len(out)):
        u = -db * apart[t, stages + 2]
        if b != 0.0:
            own, through = 0.0, 1.0
            for k in range(stages):
                turn = 2.0 * gains[t, k] - 1.0
                own = turn * own + (1.0 - turn) * states[k] + 2.0 * moved[t, k] * apart[t, k]
                through *= turn
            between = dp * apart[t, stages] + p * own + (1.0 - p) * low
            fed = (1.0 - q) * (between - high) - dq * apart[t, stages + 1]
            u = (u - b * fed) / (1.0 + b * (1.0 - q) * p * through)
        o = u
        for k in range(stages):
            v = moved[t, k] * apart[t, k] + gains[t, k] * (o - states[k])
            lowpassed = v + states[k]
            states[k] = lowpassed + v
            o = 2.0 * lowpassed - o
        out[t] = o
        v = dp * apart[t, stages] + p * (o - low)
        between = low + v
        low = between + v
        high += 2.0 * (dq * apart[t, stages + 1] + q * (between - high))


@numba.njit(cache=CACHED, nogil=True)
def _through(of_w, states, gains):  # type: ignore[no-untyped-def]
    """Return the gradient of u by that of w and of the states behind it."""
    of_o = of_w
    for k in range(len(gains) - 1, -1, -1):
        of_low = 2.0 * of_o + states[k]
        of_o = gains[k] * (states[k] + of_low) - of_o
    return of_o


@numba.njit(cache=CACHED, nogil=True)
def _adjoint(apart, gains, loop, gradient, of_gains, of_loop):  # type: ignore[no-untyped-def]
    """Replace `gradient` of one channel of w by that of the input; add to those of gains, loop."""
    b, p, q = loop
    stages = gains.shape[1]
    states, low, high = np.zeros(stages), 0.0, 0.0
    for t in range(len(gradient) - 1, -1, -1):
        of_u, through = 0.0, 1.0
        if b != 0.0:
            of_v = 2.0 * low + 2.0 * q * high
            of_u = _through(gradient[t] + p * of_v, states, gains[t])
            for k in range(stages):
                through *= 2.0 * gains[t, k] - 1.0
            of_u /= 1.0 + b * (1.0 - q) * p * through
        of_f = -b * of_u
        of_high = 2.0 * high - of_f
        of_between = of_f + q * of_high + low
        of_loop[2] += of_high * apart[t, stages + 1]
        of_low = low + of_between
        of_loop[1] += of_low * apart[t, stages]
        high, low = high - of_f - q * of_high, of_between - p * of_low
        of_o = gradient[t] + p * of_low
        for k in range(stages - 1, -1, -1):
            of_lowpassed = 2.0 * of_o + states[k]
            of_v = states[k] + of_lowpassed
            of_gains[t, k] += of_v * apart[t, k]
            states[k] = of_lowpassed - gains[t, k] * of_v
            of_o = gains[t, k] * of_v - of_o
        of_loop[0] -= of_o * apart[t, stages + 2]
        gradient[t] = of_o


@dataclass(frozen=True, eq=False)
class AllpassLoop:
    """The recursion along one set of curves.

    Attributes:
        gains: (time, stages), G of each sample and all-pass, 0 to 1, float64
        loop: (3,), b, P and Q, float64
    """

    gains: Array
    loop: Array

    def play(self, x: Array) -> Array:
        """Return w, (rows, time), of x, (rows, time), float64."""
        w = np.empty_like(x)
        _play(x, self.gains, self.loop, w, np.empty((0, 0, 0)))
        return w

    def played(self, x: Array) -> tuple[Array, Array]:
        """Return w, and what derivatives need of each row."""
        w, apart = np.empty_like(x), np.empty((*x.shape, self.gains.shape[1] + 3))
        _play(x, self.gains, self.loop, w, apart)
        return w, apart

    def tangent(self, apart: Array, moved: Array, moved_loop: Array) -> Array:
        """Return the derivative of w, (rows, time), along gains and loop."""
        out = np.empty(apart.shape[:2])
        for known, row in zip(apart, out, strict=True):
            _tangent(known, self.gains, self.loop, moved, moved_loop, row)
        return out

    def adjoint(self, apart: Array, gradient: Array) -> tuple[Array, Array, Array]:
        """Return the gradients of x, of the gains and of the loop by that of w, (rows, time)."""
        pulled, of_gains, of_loop = gradient.copy(), np.zeros_like(self.gains), np.zeros(3)
        for known, row in zip(apart, pulled, strict=True):
            _adjoint(known, self.gains, self.loop, row, of_gains, of_loop)
        return pulled, of_gains, of_loop


class _AllpassLoop(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, audio: Tensor, gains: Tensor, loop: Tensor) -> Tensor:
        signals = audio.detach().double().contiguous().numpy()
        loops = [
            AllpassLoop(curve, amounts)
            for curve, amounts in zip(
                gains.detach().double().contiguous().numpy(),
                loop.detach().double().contiguous().numpy(),
                strict=True,
            )
        ]
        ctx.known, ctx.precisions = (signals, loops), (audio.dtype, gains.dtype, loop.dtype)
        made = [each.play(signal) for each, signal in zip(loops, signals, strict=True)]
        return torch.from_numpy(np.stack(made)).to(audio.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
        pulled = gradients[0].detach().double().contiguous().numpy()
        rows = [
            loop.adjoint(loop.played(signal)[1], row)
            for signal, loop, row in zip(*ctx.known, pulled, strict=True)
        ]
        found = (torch.from_numpy(np.stack(each)) for each in zip(*rows, strict=True))
        return tuple(each.to(dtype) for each, dtype in zip(found, ctx.precisions, strict=True))


def allpass_loop(audio: Tensor, gains: Tensor, loop: Tensor) -> Tensor:
    """Return what the all-passes make of audio, differentiable in everything.

    Args:
        audio: (batch, channels, time)
        gains: (batch, time, stages), G of each sample and all-pass, 0 to 1
        loop: (batch, 3): b, subtracted from the input, and P and Q of the loop, 0 to 1

    Returns:
        (batch, channels, time)
    """
    made: Tensor = _AllpassLoop.apply(audio, gains, loop)
    return made
