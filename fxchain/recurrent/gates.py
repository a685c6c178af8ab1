"""The gates of one unit of a recurrent cell; see `weights` for the equations."""

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
    y = min(max(x / (one + one), -bound), bound)
    square = y * y
    n = y * (_F(135135) + square * (_F(17325) + square * (_F(378) + square)))
    d = _F(135135) + square * (_F(62370) + square * (_F(3150) + square * _F(28)))
    return (n + n) * d / (d * d + n * n)


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def gates_of(i, u, weights, state):  # type: ignore[no-untyped-def]
    """Return z, r, the candidate n and q = Un·h + cn of a unit, fed u, from a state (units,)."""
    h, half, one = state.shape[0], state.dtype.type(0.5), state.dtype.type(1.0)
    matrix, bias = 3 * h, 3 * h + 3 * h * h
    z = weights[i] * u + weights[bias + i]
    r = weights[h + i] * u + weights[bias + h + i]
    q = weights[bias + 3 * h + i]
    for j in range(h):
        z += weights[matrix + i * h + j] * state[j]
        r += weights[matrix + (h + i) * h + j] * state[j]
        q += weights[matrix + (2 * h + i) * h + j] * state[j]
    z = half + half * tanh(half * z, one)
    r = half + half * tanh(half * r, one)
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
