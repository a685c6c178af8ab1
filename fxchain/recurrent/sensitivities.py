"""The output of a recurrent cell with its derivatives by all weights.

Source:
    Williams and Zipser, "A learning algorithm for continually running fully recurrent neural
    networks", 1989 (real-time recurrent learning): the derivatives S of the state run forwards
    with it, S ← ∂h'/∂h · S + ∂h'/∂θ.
"""

import numba
import numpy as np

from fxchain.dsp.compilation_cache import CACHED
from fxchain.recurrent.gates import gates_of, slopes_of, sum_inputs, turned

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
def _combine_all(factors, rows, sums):  # type: ignore[no-untyped-def]
    """Fill `sums` (h, n) with factors (h, h) @ rows (h, n).

    Where there are eight rows or more, two sums share what is loaded of the first eight.
    """
    h, count = rows.shape
    if h < 8:
        for i in range(h):
            combine(factors[i], rows, sums[i])
        return
    for pair in range(0, h, 2):
        i = min(pair, h - 2)
        f, g = factors[i], factors[i + 1]
        f0, f1, f2, f3, f4, f5, f6, f7 = f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]
        g0, g1, g2, g3, g4, g5, g6, g7 = g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]
        for k in range(count):
            r0, r1, r2, r3 = rows[0, k], rows[1, k], rows[2, k], rows[3, k]
            r4, r5, r6, r7 = rows[4, k], rows[5, k], rows[6, k], rows[7, k]
            low, high = f0 * r0 + f1 * r1 + f2 * r2 + f3 * r3, f4 * r4 + f5 * r5 + f6 * r6 + f7 * r7
            sums[i, k] = low + high
            low, high = g0 * r0 + g1 * r1 + g2 * r2 + g3 * r3, g4 * r4 + g5 * r5 + g6 * r6 + g7 * r7
            sums[i + 1, k] = low + high
    for i in range(h):
        for j in range(8, h):
            factor = factors[i, j]
            for k in range(count):
                sums[i, k] += factor * rows[j, k]


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def _combine_outputs(weight, rows, line):  # type: ignore[no-untyped-def]
    """Fill the first columns of `line` with weight (h,) @ rows (h, n), eight rows at once."""
    h, count = rows.shape
    done = 0
    if h >= 8:
        done = 8
        w0, w1, w2, w3 = weight[0], weight[1], weight[2], weight[3]
        w4, w5, w6, w7 = weight[4], weight[5], weight[6], weight[7]
        for k in range(count):
            low = w0 * rows[0, k] + w1 * rows[1, k] + w2 * rows[2, k] + w3 * rows[3, k]
            high = w4 * rows[4, k] + w5 * rows[5, k] + w6 * rows[6, k] + w7 * rows[7, k]
            line[k] = low + high
    else:
        for k in range(count):
            line[k] = np.float32(0.0)
    for j in range(done, h):
        factor = weight[j]
        for k in range(count):
            line[k] += factor * rows[j, k]


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def linearize(audio, weights, state, slopes, out, jacobian):  # type: ignore[no-untyped-def]
    """Run (samples,), all float32, and fill `out` (samples,) and the derivatives of each output.

    `state` (units,) and its derivatives `slopes` (units, recurrent) move on; the first columns of
    `jacobian` (samples, at least size) are filled.
    """
    h, count = slopes.shape
    matrix, bias = 3 * h, 3 * h + 3 * h * h
    columns, sums = turned(weights, h), np.empty(3 * h, np.float32)
    following, by_state = np.empty(h, np.float32), np.empty((h, h), np.float32)
    by_gates = np.empty((4, h), np.float32)
    before, behind = slopes.copy(), np.empty_like(slopes)
    weight = weights[count : count + h]
    for t in range(audio.shape[0]):
        u = audio[t]
        sum_inputs(u, weights, columns, state, sums)
        for i in range(h):
            gates = gates_of(i, u, weights, sums)
            by_z, by_r, by_n, by_q = slopes_of(i, state, gates)
            by_gates[0, i], by_gates[1, i], by_gates[2, i], by_gates[3, i] = by_z, by_r, by_n, by_q
            z, _, n, _ = gates
            for j in range(h):
                by_state[i, j] = (
                    by_z * weights[matrix + i * h + j]
                    + by_r * weights[matrix + (h + i) * h + j]
                    + by_q * weights[matrix + (2 * h + i) * h + j]
                )
            by_state[i, i] += z
            following[i] = n + z * (state[i] - n)
        _combine_all(by_state, before, behind)
        for i in range(h):
            by_z, by_r, by_n, by_q = by_gates[0, i], by_gates[1, i], by_gates[2, i], by_gates[3, i]
            row = behind[i]
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
        _combine_outputs(weight, behind, jacobian[t])
        line = jacobian[t]
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
