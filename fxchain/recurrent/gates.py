"""The gates of a recurrent cell; see `weights` for the equations."""

import numba
import numpy as np

from fxchain.dsp.compilation_cache import CACHED

_F = np.float32  # widened where the other factor is wider
_FAST = {"contract", "nsz", "reassoc"}


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def tanh(x, one):  # type: ignore[no-untyped-def]
    """Return tanh(x) to 1e-8, several times as fast as the C library; `one` is 1 in x's precision.

    Seven terms of the continued fraction y/(1 + y²/(3 + y²/(5 + …))) are tanh(y), y = x/2, as a
    fraction n/d; tanh(x) = 2·n·d/(d² + n²).

    Source:
        Lambert 1768, the continued fraction.
    """
    bound = one * _F(4.5)  # tanh(9) is 1 in single precision
    y = min(max(x * _F(0.5), -bound), bound)
    square = y * y
    n = y * (_F(135135) + square * (_F(17325) + square * (_F(378) + square)))
    d = _F(135135) + square * (_F(62370) + square * (_F(3150) + square * _F(28)))
    return (n + n) * d / (d * d + n * n)


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def turned(weights, h):  # type: ignore[no-untyped-def]
    """Return the matrices of h units column by column, (h, 3h), for `sum_inputs`."""
    columns = np.empty((h, 3 * h), weights.dtype)
    for j in range(h):
        for i in range(3 * h):
            columns[j, i] = weights[3 * h + i * h + j]
    return columns


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def sum_inputs(u, weights, columns, state, sums):  # type: ignore[no-untyped-def]
    """Fill `sums` (3h,) with what z and r of all units, fed u, are functions of, and with q."""
    h = state.shape[0]
    bias = 3 * h + 3 * h * h
    for i in range(2 * h):
        sums[i] = weights[bias + i] + weights[i] * u
    for i in range(2 * h, 3 * h):
        sums[i] = weights[bias + h + i]
    for j in range(h):
        before, column = state[j], columns[j]
        for i in range(3 * h):
            sums[i] += column[i] * before


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def gates_of(i, u, weights, sums):  # type: ignore[no-untyped-def]
    """Return z, r, the candidate n and q = Un·h + cn of a unit, fed u, of those `sums`."""
    h, half, one = sums.shape[0] // 3, sums.dtype.type(0.5), sums.dtype.type(1.0)
    bias = 3 * h + 3 * h * h
    z = half + half * tanh(half * sums[i], one)
    r = half + half * tanh(half * sums[h + i], one)
    q = sums[2 * h + i]
    n = tanh(weights[2 * h + i] * u + weights[bias + 2 * h + i] + r * q, one)
    return z, r, n, q


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def slopes_of(i, state, gates):  # type: ignore[no-untyped-def]
    """Return the derivatives of the next state of a unit by what z, r and n are functions of, and
    by q, at the state (units,) and the gates (z, r, n, q) that it follows from."""
    one = state.dtype.type(1.0)
    z, r, n, q = gates
    by_n = (one - z) * (one - n * n)
    return (state[i] - n) * z * (one - z), by_n * q * r * (one - r), by_n, by_n * r
