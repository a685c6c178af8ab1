"""The output of a recurrent cell with its derivatives by all weights.

Source:
    Williams and Zipser, "A learning algorithm for continually running fully recurrent neural
    networks", 1989 (real-time recurrent learning): the derivatives S of the state run forwards
    with it, S ← ∂h'/∂h · S + ∂h'/∂θ.
"""

import numba
import numpy as np

from fxchain.dsp.compilation_cache import CACHED
from fxchain.recurrent.gates import gates_of, slopes_of

_FAST = {"contract", "nsz", "reassoc"}


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def combine(factors, rows, sums):  # type: ignore[no-untyped-def]
    """Fill `sums` (n,) with factors (h,) @ rows (h, n), four rows at a time."""
    h, count = rows.shape
    alone = h % 4
    sums[:] = np.float32(0.0)
    for j in range(alone):
        factor, row = factors[j], rows[j]
        for k in range(count):
            sums[k] += factor * row[k]
    for j in range(alone, h, 4):
        f0, f1, f2, f3 = factors[j], factors[j + 1], factors[j + 2], factors[j + 3]
        r0, r1, r2, r3 = rows[j], rows[j + 1], rows[j + 2], rows[j + 3]
        for k in range(count):
            sums[k] += f0 * r0[k] + f1 * r1[k] + f2 * r2[k] + f3 * r3[k]


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def _move(i, u, weights, state, slopes, factors, row):  # type: ignore[no-untyped-def]
    """Fill `row` (recurrent,) with the derivatives of the next state of a unit; return that.

    `factors` (h,) are filled with its derivatives by the state."""
    h = state.shape[0]
    matrix, bias = 3 * h, 3 * h + 3 * h * h
    gates = gates_of(i, u, weights, state)
    by_z, by_r, by_n, by_q = slopes_of(i, state, gates)
    z, _, n, _ = gates
    for j in range(h):
        factors[j] = (
            by_z * weights[matrix + i * h + j]
            + by_r * weights[matrix + (h + i) * h + j]
            + by_q * weights[matrix + (2 * h + i) * h + j]
        )
    factors[i] += z
    combine(factors, slopes, row)
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
    return n + z * (state[i] - n)


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def linearize(audio, weights, state, slopes, out, jacobian):  # type: ignore[no-untyped-def]
    """Run (samples,), all float32, and fill `out` (samples,) and the derivatives of each output.

    `state` (units,) and its derivatives `slopes` (units, recurrent) move on; the first columns of
    `jacobian` (samples, at least size) are filled.
    """
    h, count = slopes.shape
    following, factors = np.empty(h, np.float32), np.empty(h, np.float32)
    before, behind = slopes.copy(), np.empty_like(slopes)
    weight = weights[count : count + h]
    for t in range(audio.shape[0]):
        u = audio[t]
        for i in range(h):
            following[i] = _move(i, u, weights, state, before, factors, behind[i])
        line = jacobian[t]
        combine(weight, behind, line[:count])
        y = weights[count + h] * u
        for i in range(h):
            state[i] = following[i]
            y += weight[i] * state[i]
            line[count + i] = state[i]
        line[count + h] = u
        out[t] = y
        before, behind = behind, before
    slopes[:] = before


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def weigh(rows, last, gain, tilt):  # type: ignore[no-untyped-def]
    """Weight (samples, columns) as `Piece.weighted` does, in place.

    With kept = row·(gain > 0), a row becomes gain·(kept − tilt·the kept one before). `last`
    (columns,) is the kept row before the first one, and becomes the last one.
    """
    for t in range(rows.shape[0]):
        line, level = rows[t], gain[t]
        counts = np.float32(level > 0.0)
        for k in range(line.shape[0]):
            kept = counts * line[k]
            line[k] = level * (kept - tilt * last[k])
            last[k] = kept
