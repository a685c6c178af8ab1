"""A gated recurrent cell, run sample by sample, with its derivatives by all weights.

Source:
    Williams and Zipser, "A learning algorithm for continually running fully recurrent neural
    networks", 1989 (real-time recurrent learning): the derivatives of the state run forwards with
    it, S ← ∂h'/∂h · S + ∂h'/∂θ.
"""

import numba
import numpy as np

from fxchain.dsp.compilation_cache import CACHED

_FAST = {"contract", "nsz", "reassoc"}


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def _gate(x):  # type: ignore[no-untyped-def]
    return np.float32(0.5) + np.float32(0.5) * np.tanh(np.float32(0.5) * x)


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def run(audio, weights, units, state, out):  # type: ignore[no-untyped-def]
    """Run (samples,) through the cell; `state` (units,) moves on, `out` (samples,) is filled."""
    h = units
    matrix = 3 * h
    bias = 3 * h + 3 * h * h
    out_at = bias + 4 * h
    following = np.empty(h, np.float32)
    for t in range(audio.shape[0]):
        u = audio[t]
        y = weights[out_at + h] * u
        for i in range(h):
            z = weights[i] * u + weights[bias + i]
            r = weights[h + i] * u + weights[bias + h + i]
            q = weights[bias + 3 * h + i]
            for j in range(h):
                z += weights[matrix + i * h + j] * state[j]
                r += weights[matrix + (h + i) * h + j] * state[j]
                q += weights[matrix + (2 * h + i) * h + j] * state[j]
            z, r = _gate(z), _gate(r)
            n = np.tanh(weights[2 * h + i] * u + weights[bias + 2 * h + i] + r * q)
            following[i] = n + z * (state[i] - n)
        for i in range(h):
            state[i] = following[i]
            y += weights[out_at + i] * following[i]
        out[t] = y


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def linearize(audio, weights, units, state, slopes, out, jacobian):  # type: ignore[no-untyped-def]
    """Do as `run`, and fill `jacobian` (samples, size) with the derivatives of each output.

    `slopes` (units, recurrent), the derivatives of the state, moves on with it.

    Returns:
        the largest derivative of the state that was met
    """
    h = units
    matrix = 3 * h
    bias = 3 * h + 3 * h * h
    count = bias + 4 * h
    z, r = np.empty(h, np.float32), np.empty(h, np.float32)
    n, q = np.empty(h, np.float32), np.empty(h, np.float32)
    step = np.empty((h, h), np.float32)
    moved = np.empty_like(slopes)
    largest = np.float32(0.0)
    for t in range(audio.shape[0]):
        u = audio[t]
        for i in range(h):
            a = weights[i] * u + weights[bias + i]
            b = weights[h + i] * u + weights[bias + h + i]
            c = weights[bias + 3 * h + i]
            for j in range(h):
                a += weights[matrix + i * h + j] * state[j]
                b += weights[matrix + (h + i) * h + j] * state[j]
                c += weights[matrix + (2 * h + i) * h + j] * state[j]
            z[i], r[i], q[i] = _gate(a), _gate(b), c
            n[i] = np.tanh(weights[2 * h + i] * u + weights[bias + 2 * h + i] + r[i] * c)
        for i in range(h):
            by_z = (state[i] - n[i]) * z[i] * (np.float32(1.0) - z[i])
            by_n = (np.float32(1.0) - z[i]) * (np.float32(1.0) - n[i] * n[i])
            by_q = by_n * r[i]
            by_r = by_n * q[i] * r[i] * (np.float32(1.0) - r[i])
            for j in range(h):
                step[i, j] = (
                    by_z * weights[matrix + i * h + j]
                    + by_r * weights[matrix + (h + i) * h + j]
                    + by_q * weights[matrix + (2 * h + i) * h + j]
                )
            step[i, i] += z[i]
            row = moved[i]
            row[:] = np.float32(0.0)
            for j in range(h):
                factor, other = step[i, j], slopes[j]
                for k in range(count):
                    row[k] += factor * other[k]
            row[i] += by_z * u
            row[h + i] += by_r * u
            row[2 * h + i] += by_n * u
            for j in range(h):
                row[matrix + i * h + j] += by_z * state[j]
                row[matrix + (h + i) * h + j] += by_r * state[j]
                row[matrix + (2 * h + i) * h + j] += by_q * state[j]
            row[bias + i] += by_z
            row[bias + h + i] += by_r
            row[bias + 2 * h + i] += by_n
            row[bias + 3 * h + i] += by_q
        y = weights[count + h] * u
        line = jacobian[t]
        line[:count] = np.float32(0.0)
        for i in range(h):
            state[i] = n[i] + z[i] * (state[i] - n[i])
            weight, row = weights[count + i], moved[i]
            y += weight * state[i]
            for k in range(count):
                slopes[i, k] = row[k]
                line[k] += weight * row[k]
            line[count + i] = state[i]
        line[count + h] = u
        out[t] = y
        if t % 64 == 0:
            largest = max(largest, np.abs(slopes).max())
    return largest
