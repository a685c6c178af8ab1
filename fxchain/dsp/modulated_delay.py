"""A delay line whose delay changes at every sample, with feedback.

    u[t] = x[t] − b·w[t−1],   w[t] = (1 − f)·u[t−k] + f·u[t−k−1],   k + f = d[t]

In float32 the operations have the order of pedalboard's Chorus and give its bits. The gradient is
that of the adjoint recursion, run from the end; the delay's is the difference of the two samples
between which it reads.

Source: J. Dattorro, "Effect Design, Part 2: Delay-Line Modulation and Chorus", 1997.
"""

from typing import Any

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxchain.dsp.compilation_cache import CACHED
from fxchain.dsp.curve_recursion import along_audio

Signals = NDArray[Any]


@numba.njit(cache=CACHED, nogil=True)
def _play(x, delays, feedback, u, w):  # type: ignore[no-untyped-def]
    """Write what goes into the line, and what comes out of it: (rows, time)."""
    for row in range(x.shape[0]):
        last = x.dtype.type(0)
        for t in range(x.shape[1]):
            u[row, t] = x[row, t] - last
            whole = int(delays[t])
            part = delays[t] - x.dtype.type(whole)
            near = u[row, t - whole] if t >= whole else x.dtype.type(0)
            far = u[row, t - whole - 1] if t > whole else x.dtype.type(0)
            made = near + part * (far - near)
            w[row, t] = made
            last = made * feedback


@numba.njit(cache=CACHED, nogil=True)
def _tangents(u, w, delays, feedback, moved_delays, moved_feedback, out):  # type: ignore[no-untyped-def]
    """Write the derivatives of `w` along delays and feedback, the input constant."""
    moved = np.empty(u.shape[1])
    for row in range(u.shape[0]):
        last, before = 0.0, 0.0
        for t in range(u.shape[1]):
            moved[t] = -(feedback * last + moved_feedback * before)
            whole = int(delays[t])
            part = delays[t] - whole
            near, far, d_near, d_far = 0.0, 0.0, 0.0, 0.0
            if t >= whole:
                near, d_near = u[row, t - whole], moved[t - whole]
            if t > whole:
                far, d_far = u[row, t - whole - 1], moved[t - whole - 1]
            last = d_near + part * (d_far - d_near) + (far - near) * moved_delays[t]
            before = w[row, t]
            out[row, t] = last


@numba.njit(cache=CACHED, nogil=True)
def _adjoint(u, w, delays, feedback, gradient, of_delays):  # type: ignore[no-untyped-def]
    """Replace `gradient` of `w` by that of the input; add to that of the delays.

    Returns the gradient of the feedback.
    """
    time, of_feedback = u.shape[1], 0.0
    pulled = np.empty(time + 1)
    for row in range(u.shape[0]):
        pulled[:] = 0.0
        for t in range(time - 1, -1, -1):
            now = gradient[row, t] - feedback * pulled[t + 1]
            of_feedback -= w[row, t] * pulled[t + 1]
            whole = int(delays[t])
            part = delays[t] - whole
            if t >= whole:
                pulled[t - whole] += (1.0 - part) * now
                of_delays[t] -= u[row, t - whole] * now
            if t > whole:
                pulled[t - whole - 1] += part * now
                of_delays[t] += u[row, t - whole - 1] * now
        for t in range(time):
            gradient[row, t] = pulled[t]
    return of_feedback


class _ModulatedDelay(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, audio: Tensor, delays: Tensor, feedback: Tensor) -> Tensor:
        signals, line = (
            audio.detach().contiguous().numpy(),
            np.empty(audio.shape, audio.numpy().dtype),
        )
        made = np.empty_like(line)
        curves = delays.detach().numpy().astype(line.dtype)
        amounts = feedback.detach().numpy().astype(line.dtype)
        for item in range(len(signals)):
            _play(signals[item], curves[item], amounts[item], line[item], made[item])
        ctx.known = line, made, curves, amounts
        ctx.precisions = delays.dtype, feedback.dtype
        return torch.from_numpy(made)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        line, made, curves, amounts = ctx.known
        pulled = gradients[0].detach().contiguous().numpy().copy()
        of_delays, of_feedback = np.zeros(curves.shape), np.zeros(len(amounts))
        for item, gradient in enumerate(pulled):
            known = line[item], made[item], curves[item], amounts[item]
            of_feedback[item] = _adjoint(*known, gradient, of_delays[item])
        delays, feedback = ctx.precisions
        slopes = torch.from_numpy(of_delays).to(delays), torch.from_numpy(of_feedback).to(feedback)
        return torch.from_numpy(pulled), *slopes


def modulated_delay(audio: Tensor, delays: Tensor, feedback: Tensor) -> Tensor:
    """Return what comes out of a delay line, differentiable in everything.

    Args:
        audio: (batch, channels, time); the recursion runs in its precision
        delays: (batch, time), samples, 1 or more
        feedback: (batch,), subtracted one sample late

    Returns:
        (batch, channels, time)
    """
    made: Tensor = _ModulatedDelay.apply(audio, delays, feedback)
    return made


def modulated_delay_tangents(
    audio: Tensor,
    tangents: Tensor,
    delays: Tensor,
    feedback: Tensor,
    moved: list[tuple[Tensor, float]],
) -> tuple[Tensor, Tensor]:
    """Play, and differentiate along the audio, then along delays and feedback.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        delays: (time,), samples
        feedback: ()
        moved: derivatives of `delays` (time,) and of the feedback

    Returns:
        what comes out of the line, (channels, time), and its derivatives,
        (directions + moved, channels, time)
    """

    def play(x: Signals, curve: Signals, amount: Any, out: Signals) -> None:
        _play(x, curve, amount, np.empty_like(x), out)

    here = along_audio(play, audio, tangents, delays, feedback, len(moved))
    line, made = np.empty_like(here.signal), np.empty_like(here.signal)
    _play(here.signal, here.curve, here.feedback, line, made)
    for row, (moved_delays, moved_feedback) in zip(
        here.out.numpy()[len(tangents) :], moved, strict=True
    ):
        slopes = moved_delays.double().numpy()
        _tangents(line, made, here.curve, here.feedback, slopes, float(moved_feedback), row)
    return torch.from_numpy(made), here.out
