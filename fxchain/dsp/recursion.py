"""Second-order sections run sample by sample, forwards and backwards.

pedalboard runs its filters as float32 recursions, whose rounding limits null tests below
1 kHz. The same operations in the same order give the same bits, and take less time than a pair of
FFTs. The gradient is that of the exact filter: the adjoint recursion run from the end, in float64.

Source: the transposed direct form II of `juce::dsp::IIR::Filter`; the adjoint of y = (B/A)·x is
u = g/A in reversed time, ∂b_i = Σ u[t]·x[t−i], ∂a_i = −Σ u[t]·y[t−i], ∂x[t] = Σ b_i·u[t+i].
"""

from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.compilation_cache import CACHED
from fxchain.dsp.thread_pool import map_threads

#: Columns of b0 b1 b2 a1 a2 in b0 b1 b2 a0 a1 a2, where a0 is 1.
_WITHOUT_A0 = [0, 1, 2, 4, 5]

#: States below this are set to 0, before they decay into subnormal numbers, which are slow.
SILENCE = 1e-25

#: Samples between two such checks of the state.
BLOCK = 256


@numba.njit(cache=CACHED, nogil=True)
def _play(audio, rows, keep, out):  # type: ignore[no-untyped-def]
    """Run (count, time) through `rows` (sections, 5) into (count, sections if `keep` else 1, time).

    Inside a sample the sections follow each other, so that the processor can overlap them.
    """
    count, time = audio.shape
    sections = rows.shape[0]
    state = np.zeros((sections, 2), dtype=audio.dtype)
    for channel in range(count):
        state[:] = 0
        for begin in range(0, time, BLOCK):
            for t in range(begin, min(begin + BLOCK, time)):
                x = audio[channel, t]
                for k in range(sections):
                    y = x * rows[k, 0] + state[k, 0]
                    state[k, 0] = x * rows[k, 1] - y * rows[k, 3] + state[k, 1]
                    state[k, 1] = x * rows[k, 2] - y * rows[k, 4]
                    out[channel, k if keep else 0, t] = y
                    x = y
            _settle(state)


@numba.njit(cache=CACHED, nogil=True, fastmath={"contract", "nsz"})
def _adjoint(inputs, outputs, rows, gradient, slopes):  # type: ignore[no-untyped-def]
    """Turn `gradient` (channels, time) into that of the input; add the rows' to `slopes`.

    Only u is a recursion; what depends on a block of it is computed in vectors.
    """
    channels, sections, time = outputs.shape
    u = np.zeros(BLOCK + 2, dtype=np.float64)
    for channel in range(channels):
        g = gradient[channel]
        for k in range(sections - 1, -1, -1):
            b0, b1, b2, a1, a2 = rows[k]
            signal = inputs[channel] if k == 0 else outputs[channel, k - 1]
            made, slope = outputs[channel, k], slopes[k]
            u1, u2 = 0.0, 0.0
            for end in range(time, 0, -BLOCK):
                begin = max(end - BLOCK, 0)
                count = end - begin
                u[count], u[count + 1] = u1, u2
                for t in range(count - 1, -1, -1):
                    now = (g[begin + t] - a2 * u2) - a1 * u1
                    u[t] = now
                    u2, u1 = u1, now
                _add_products(u, signal[begin:end], made[begin:end], slope)
                for t in range(count):
                    g[begin + t] = b0 * u[t] + b1 * u[t + 1] + b2 * u[t + 2]
                if abs(u1) < SILENCE and abs(u2) < SILENCE:
                    u1, u2 = 0.0, 0.0


@numba.njit(cache=CACHED, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _add_products(u, signal, made, slope):  # type: ignore[no-untyped-def]
    """Add Σ u[t + i]·signal[t] and −Σ u[t + i]·made[t], the slopes along b_i and a_i."""
    s0, s1, s2, s3, s4 = 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(len(signal)):
        x, y = signal[t], made[t]
        s0 += u[t] * x
        s1 += u[t + 1] * x
        s2 += u[t + 2] * x
        s3 += u[t + 1] * y
        s4 += u[t + 2] * y
    slope[0] += s0
    slope[1] += s1
    slope[2] += s2
    slope[3] -= s3
    slope[4] -= s4


@numba.njit(cache=CACHED, nogil=True)
def _settle(state):  # type: ignore[no-untyped-def]
    for k in range(state.shape[0]):
        if abs(state[k, 0]) < SILENCE and abs(state[k, 1]) < SILENCE:
            state[k, 0] = 0
            state[k, 1] = 0


def rows_of(coefficients: Tensor) -> np.ndarray:
    """Return coefficients (…, 6) without a0, (…, 5), row by row: one form to be compiled for."""
    return np.ascontiguousarray(coefficients.detach().double().numpy()[..., _WITHOUT_A0])


def _pairs(audio: np.ndarray, rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each item of audio with its rows; a batch of one is paired with all of the other."""
    batch = len(rows) if len(audio) == 1 else len(audio)
    return [(audio[i % len(audio)], rows[i % len(rows)]) for i in range(batch)]


def run(audio: np.ndarray, rows: np.ndarray, *, keep: bool) -> np.ndarray:
    """Play (count, time) through `rows` (sections, 5); return (count, sections or 1, time)."""
    out = np.empty((audio.shape[0], len(rows) if keep else 1, audio.shape[1]), audio.dtype)
    _play(audio, rows.astype(audio.dtype), keep, out)
    return out


class _Cascade(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, audio: Tensor, coefficients: Tensor) -> Tensor:
        ctx.pairs = _pairs(audio.detach().contiguous().numpy(), rows_of(coefficients))
        ctx.made = map_threads(lambda pair: run(*pair, keep=True), ctx.pairs)
        ctx.audio_shape, ctx.rows_shape = audio.shape, coefficients.shape
        ctx.precision = coefficients.dtype
        return torch.from_numpy(np.stack([made[:, -1] for made in ctx.made]))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        pulled = gradients[0].detach().numpy().copy()

        def back(at: int) -> np.ndarray:
            audio, rows = ctx.pairs[at]
            slope = np.zeros(rows.shape)
            _adjoint(audio, ctx.made[at], rows, pulled[at], slope)
            return slope

        slopes = np.zeros(ctx.rows_shape)
        for at, slope in enumerate(map_threads(back, range(len(pulled)))):
            slopes[at % len(slopes)][:, _WITHOUT_A0] += slope
        if len(pulled) > ctx.audio_shape[0]:
            pulled = pulled.sum(axis=0, keepdims=True)
        return torch.from_numpy(pulled), torch.from_numpy(slopes).to(ctx.precision)


def cascade(audio: Tensor, coefficients: Tensor) -> Tensor:
    """Play a cascade of second-order sections, differentiable in audio and coefficients.

    Args:
        audio: (batch or 1, channels, time); the recursion runs in its precision
        coefficients: (batch or 1, sections, 6), b0 b1 b2 a0 a1 a2 with a0 = 1

    Returns:
        (batch, channels, time)
    """
    if torch.is_grad_enabled() and (audio.requires_grad or coefficients.requires_grad):
        made: Tensor = _Cascade.apply(audio, coefficients)
        return made
    signal, rows = audio.detach().contiguous().numpy(), rows_of(coefficients)
    made_of = map_threads(lambda pair: run(*pair, keep=False)[:, 0], _pairs(signal, rows))
    return torch.from_numpy(np.stack(made_of)) if made_of else audio


def cascade_signals(audio: Tensor, coefficients: Tensor) -> Tensor:
    """Return the input of every section, and the output of the last.

    Args:
        audio: (channels, time)
        coefficients: (sections, 6), with a0 = 1

    Returns:
        (channels, sections + 1, time), the audio itself first
    """
    signal = audio.detach().contiguous().numpy()
    made = run(signal, rows_of(coefficients), keep=True)
    return torch.from_numpy(np.concatenate([signal[:, None], made], axis=1))
