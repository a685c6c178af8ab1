"""All-passes in series whose cut-off changes at every sample, with feedback around them.

    o = x[t] − b·w[t−1], then for each of six with its state s:
    v = G·(o − s),   l = v + s,   s ← l + v,   o ← 2·l − o;   w[t] = o

with G = g/(1 + g), g = tan(π·cut-off/rate). In float32 the operations have the order of
pedalboard's Phaser. The gradient is that of the adjoint recursion, run from the end.

Source: V. Zavalishin, "The Art of VA Filter Design", 2012: topology-preserving one-poles.
"""

from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.compilation_cache import CACHED
from fxchain.dsp.curve_recursion import along_audio

#: All-passes in series.
STAGES = 6


@numba.njit(cache=CACHED, nogil=True)
def _play(x, gains, feedback, w):  # type: ignore[no-untyped-def]
    for row in range(x.shape[0]):
        states = np.zeros(STAGES, x.dtype)
        last = x.dtype.type(0)
        for t in range(x.shape[1]):
            o = x[row, t] - last
            for k in range(STAGES):
                v = gains[t] * (o - states[k])
                low = v + states[k]
                states[k] = low + v
                o = low + low - o
            w[row, t] = o
            last = o * feedback


@numba.njit(cache=CACHED, nogil=True)
def _differences(x, gains, feedback, apart, w):  # type: ignore[no-untyped-def]
    """Play one channel, and write o − s of each stage: (time, stages)."""
    states, last = np.zeros(STAGES), 0.0
    for t in range(len(x)):
        o = x[t] - last
        for k in range(STAGES):
            apart[t, k] = o - states[k]
            v = gains[t] * apart[t, k]
            low = v + states[k]
            states[k] = low + v
            o = 2.0 * low - o
        w[t] = o
        last = o * feedback


@numba.njit(cache=CACHED, nogil=True)
def _tangent(apart, w, gains, feedback, moved_gains, moved_feedback, out):  # type: ignore[no-untyped-def]
    """Write the derivative of one channel of `w` along gains and feedback, the input constant."""
    states, last, before = np.zeros(STAGES), 0.0, 0.0
    for t in range(len(w)):
        o = -(feedback * last + moved_feedback * before)
        for k in range(STAGES):
            v = moved_gains[t] * apart[t, k] + gains[t] * (o - states[k])
            low = v + states[k]
            states[k] = low + v
            o = 2.0 * low - o
        last, before = o, w[t]
        out[t] = o


@numba.njit(cache=CACHED, nogil=True)
def _adjoint(apart, w, gains, feedback, gradient, of_gains):  # type: ignore[no-untyped-def]
    """Replace `gradient` of one channel by that of the input; add to that of the gains.

    Returns the gradient of the feedback.
    """
    of_states, later, of_feedback = np.zeros(STAGES), 0.0, 0.0
    for t in range(len(w) - 1, -1, -1):
        of_feedback -= later * w[t]
        of_o = gradient[t] - feedback * later
        for k in range(STAGES - 1, -1, -1):
            of_low = 2.0 * of_o + of_states[k]
            of_v = of_states[k] + of_low
            of_gains[t] += of_v * apart[t, k]
            of_states[k] = of_low - gains[t] * of_v
            of_o = gains[t] * of_v - of_o
        gradient[t] = of_o
        later = of_o
    return of_feedback


class _ModulatedAllpass(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, audio: Tensor, gains: Tensor, feedback: Tensor) -> Tensor:
        signals = audio.detach().contiguous().numpy()
        made = np.empty_like(signals)
        curves = gains.detach().numpy().astype(signals.dtype)
        amounts = feedback.detach().numpy().astype(signals.dtype)
        for item in range(len(signals)):
            _play(signals[item], curves[item], amounts[item], made[item])
        ctx.known = signals, curves, amounts
        ctx.precisions = gains.dtype, feedback.dtype
        return torch.from_numpy(made)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        signals, curves, amounts = ctx.known
        pulled = gradients[0].detach().contiguous().numpy().copy()
        of_gains, of_feedback = np.zeros(curves.shape), np.zeros(len(amounts))
        for item, gradient in enumerate(pulled):
            for signal, row in zip(signals[item], gradient, strict=True):
                apart, made = np.empty((len(signal), STAGES)), np.empty(len(signal))
                _differences(signal, curves[item], amounts[item], apart, made)
                known = apart, made, curves[item], amounts[item]
                of_feedback[item] += _adjoint(*known, row, of_gains[item])
        of_curves, of_amounts = torch.from_numpy(of_gains), torch.from_numpy(of_feedback)
        precision, other = ctx.precisions
        return torch.from_numpy(pulled), of_curves.to(precision), of_amounts.to(other)


def modulated_allpass(audio: Tensor, gains: Tensor, feedback: Tensor) -> Tensor:
    """Return what six all-passes make of audio, differentiable in everything.

    Args:
        audio: (batch, channels, time); the recursion runs in its precision
        gains: (batch, time), G of each sample, 0 to 1
        feedback: (batch,), subtracted one sample late

    Returns:
        (batch, channels, time)
    """
    made: Tensor = _ModulatedAllpass.apply(audio, gains, feedback)
    return made


def modulated_allpass_tangents(
    audio: Tensor,
    tangents: Tensor,
    gains: Tensor,
    feedback: Tensor,
    moved: list[tuple[Tensor, float]],
) -> tuple[Tensor, Tensor]:
    """Play, and differentiate along the audio, then along gains and feedback.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        gains: (time,)
        feedback: ()
        moved: derivatives of `gains` (time,) and of the feedback

    Returns:
        what comes out, (channels, time), and its derivatives, (directions + moved, channels, time)
    """
    here = along_audio(_play, audio, tangents, gains, feedback, len(moved))
    signal, curve, amount = here.signal, here.curve, here.feedback
    made, rows = np.empty_like(signal), here.out.numpy()
    _play(signal, curve, amount, made)
    for channel, row in enumerate(signal if moved else []):
        apart, played = np.empty((len(row), STAGES)), np.empty(len(row))
        _differences(row, curve, amount, apart, played)
        for place, (moved_gains, moved_feedback) in enumerate(moved, start=len(tangents)):
            slopes = moved_gains.double().numpy()
            known = apart, played, curve, amount
            _tangent(*known, slopes, float(moved_feedback), rows[place, channel])
    return torch.from_numpy(made), here.out
