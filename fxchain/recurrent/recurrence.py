"""A gated recurrent cell, run sample by sample; see `weights` for its equations.

At another sample rate than that of its weights, f times as high, the state of f samples ago takes
the place of the last one, interpolated between its neighbours: (1 − a)·h[t − k] + a·h[t − k − 1]
with k = max(⌊f⌋, 1), a = f − k.

Source:
    Carson, Wright, Chowdhury, Välimäki and Bilbao, "Sample rate independent recurrent neural
    networks for audio effects processing", 2024.
"""

import math
from functools import lru_cache

import numba
import numpy as np

from fxchain.dsp.compilation_cache import CACHED
from fxchain.recurrent.gates import gates_of, slopes_of, sum_inputs, turned
from fxchain.recurrent.weights import Layout

#: After so many samples of silence the state is at rest.
RESTING_SAMPLES = 4_096
_FAST = {"contract", "nsz", "reassoc"}


def delay_of(factor: float) -> tuple[int, float]:
    """Return k and a for a sample rate so many times as high as that of the weights."""
    whole = max(math.floor(factor), 1)
    return whole, factor - whole


@numba.njit(cache=CACHED, nogil=True, inline="always")
def _recall(states, now, whole, share, before):  # type: ignore[no-untyped-def]
    """Fill `before` (units,) with the interpolated row of `states` that precedes the row `now`."""
    for i in range(before.shape[0]):
        near, far = states[now - whole, i], states[now - whole - 1, i]
        before[i] = near + share * (far - near)


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def _run(audio, weights, whole, share, states, out):  # type: ignore[no-untyped-def]
    """Fill `out` (samples,) and `states` (whole + 1 + samples, units) behind the first ones."""
    h = states.shape[1]
    out_at = weights.shape[0] - h - 1
    columns, sums = turned(weights, h), np.empty(3 * h, audio.dtype)
    before = np.empty(h, audio.dtype)
    for t in range(audio.shape[0]):
        u, now = audio[t], t + whole + 1
        _recall(states, now, whole, share, before)
        sum_inputs(u, weights, columns, before, sums)
        y = weights[out_at + h] * u
        for i in range(h):
            z, _, n, _ = gates_of(i, u, weights, sums)
            states[now, i] = n + z * (before[i] - n)
            y += weights[out_at + i] * states[now, i]
        out[t] = y


@numba.njit(cache=CACHED, nogil=True)
def _derivatives(audio, weights, whole, share, states, by_state, by_audio):  # type: ignore[no-untyped-def]
    """Fill the derivatives of each state by the one before it (samples, units, units) and by the
    audio (samples, units), at the states that `_run` left."""
    h = states.shape[1]
    matrix = 3 * h
    columns, sums = turned(weights, h), np.empty(3 * h, audio.dtype)
    before = np.empty(h, audio.dtype)
    for t in range(audio.shape[0]):
        u, now = audio[t], t + whole + 1
        _recall(states, now, whole, share, before)
        sum_inputs(u, weights, columns, before, sums)
        for i in range(h):
            gates = gates_of(i, u, weights, sums)
            by_z, by_r, by_n, by_q = slopes_of(i, before, gates)
            for j in range(h):
                by_state[t, i, j] = (
                    by_z * weights[matrix + i * h + j]
                    + by_r * weights[matrix + (h + i) * h + j]
                    + by_q * weights[matrix + (2 * h + i) * h + j]
                )
            by_state[t, i, i] += gates[0]
            by_audio[t, i] = by_z * weights[i] + by_r * weights[h + i] + by_n * weights[2 * h + i]


@numba.njit(cache=CACHED, nogil=True)
def _forwards(tangents, by_state, by_audio, weights, whole, share, out):  # type: ignore[no-untyped-def]
    """Fill `out` (directions, samples) with the derivatives along tangents of the audio."""
    samples, h = by_audio.shape
    out_at = weights.shape[0] - h - 1
    moved = np.zeros((samples + whole + 1, h), tangents.dtype)
    before = np.empty(h, tangents.dtype)
    for direction in range(tangents.shape[0]):
        for t in range(samples):
            u, now = tangents[direction, t], t + whole + 1
            _recall(moved, now, whole, share, before)
            y = weights[out_at + h] * u
            for i in range(h):
                total = by_audio[t, i] * u
                for j in range(h):
                    total += by_state[t, i, j] * before[j]
                moved[now, i] = total
                y += weights[out_at + i] * total
            out[direction, t] = y


@numba.njit(cache=CACHED, nogil=True)
def _backwards(gradient, by_state, by_audio, weights, whole, share, out):  # type: ignore[no-untyped-def]
    """Fill `out` (samples,) with the gradient by the audio of one by the output (samples,)."""
    samples, h = by_audio.shape
    out_at = weights.shape[0] - h - 1
    pulled = np.zeros((samples + whole + 1, h), gradient.dtype)
    for t in range(samples - 1, -1, -1):
        now = t + whole + 1
        total = weights[out_at + h] * gradient[t]
        for i in range(h):
            pulled[now, i] += weights[out_at + i] * gradient[t]
            total += by_audio[t, i] * pulled[now, i]
        for j in range(h):
            carried = gradient.dtype.type(0.0)
            for i in range(h):
                carried += by_state[t, i, j] * pulled[now, i]
            pulled[now - whole, j] += (gradient.dtype.type(1.0) - share) * carried
            pulled[now - whole - 1, j] += share * carried
        out[t] = total


class Run:
    """One run of a cell over one channel, and its derivatives by the audio.

    Args:
        audio: (samples,), float32 or float64, in which all is computed
        weights: (size,), see `Layout`
        factor: sample rate of the audio, of the weights' as 1
    """

    def __init__(self, audio: np.ndarray, weights: np.ndarray, factor: float = 1.0) -> None:
        self._audio, self._weights = audio, weights.astype(audio.dtype)
        self._units = Layout.of_size(len(weights)).units
        self._whole, share = delay_of(factor)
        self._share = audio.dtype.type(share)
        self._states = np.empty((len(audio) + self._whole + 1, self._units), audio.dtype)
        rest, level = _kept_rest(self._weights.tobytes(), audio.dtype.name)
        self._states[: self._whole + 1] = rest
        self.output = np.empty_like(audio)
        _run(audio, self._weights, self._whole, self._share, self._states, self.output)
        self.output -= level

    def _derivatives(self) -> tuple[np.ndarray, np.ndarray]:
        by_audio = np.empty((len(self._audio), self._units), self._audio.dtype)
        by_state = np.empty((*by_audio.shape, self._units), self._audio.dtype)
        how = (self._whole, self._share, self._states)
        _derivatives(self._audio, self._weights, *how, by_state, by_audio)
        return by_state, by_audio

    def forwards(self, tangents: np.ndarray, out: np.ndarray) -> None:
        """Write the derivatives along tangents of the audio (directions, samples)."""
        _forwards(tangents, *self._derivatives(), self._weights, self._whole, self._share, out)

    def backwards(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient by the audio (samples,) of one by the output."""
        out = np.empty_like(gradient)
        _backwards(gradient, *self._derivatives(), self._weights, self._whole, self._share, out)
        return out


def run_from(audio: np.ndarray, weights: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Return what the cell makes of (samples,) from a state (units,), silence not subtracted."""
    states, out = np.empty((len(audio) + 2, len(state)), audio.dtype), np.empty_like(audio)
    states[:2] = state
    _run(audio, weights, 1, audio.dtype.type(0.0), states, out)
    return out


def resting(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the state (units,) behind long silence, and what the cell gives out then."""
    units = Layout.of_size(len(weights)).units
    silence = np.zeros(RESTING_SAMPLES, weights.dtype)
    states, out = np.zeros((len(silence) + 2, units), weights.dtype), np.empty_like(silence)
    _run(silence, weights, 1, weights.dtype.type(0.0), states, out)
    return states[-1], out[-1]


@lru_cache(maxsize=64)
def _kept_rest(weights: bytes, dtype: str) -> tuple[np.ndarray, float]:
    """Return `resting` of a cell that is played again and again."""
    return resting(np.frombuffer(weights, dtype).copy())
