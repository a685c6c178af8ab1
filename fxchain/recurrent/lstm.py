"""A long short-term memory as a training sees it.

With H units, input u, state h and memory c, s(x) = 1 / (1 + exp(−x)),

    i = s(wi·u + Ui·h + bi)    f = s(wf·u + Uf·h + bf)    o = s(wo·u + Uo·h + bo)
    g = tanh(wg·u + Ug·h + bg)
    c ← f ∘ c + i ∘ g
    h ← o ∘ tanh(c)
    y = v·h + d·u − y₀, y₀ what silence leaves

the vector of weights is wi wf wg wo (4H), Ui Uf Ug Uo (4H², row by row), bi bf bg bo (4H), v (H),
d (1), and that of the state h (H), c (H).

Source:
    Hochreiter and Schmidhuber, "Long short-term memory", 1997, with the forget gate f of Gers,
    Schmidhuber and Cummins, "Learning to forget", 2000; gates in the order of PyTorch.
"""

import math
from functools import partial

import numba
import numpy as np

from fxchain.dsp.compilation_cache import CACHED
from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.gates import tanh
from fxchain.recurrent.recurrence import RESTING_SAMPLES
from fxchain.recurrent.sensitivities import combine

_FAST = {"contract", "nsz", "reassoc"}


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def _gates_of(k, u, weights, state):  # type: ignore[no-untyped-def]
    """Return i, f, g, o of a unit, fed u, from h, the first half of a state (2 · units,)."""
    h, half, one = state.shape[0] // 2, state.dtype.type(0.5), state.dtype.type(1.0)
    matrix, bias = 4 * h, 4 * h + 4 * h * h
    i = weights[k] * u + weights[bias + k]
    f = weights[h + k] * u + weights[bias + h + k]
    g = weights[2 * h + k] * u + weights[bias + 2 * h + k]
    o = weights[3 * h + k] * u + weights[bias + 3 * h + k]
    for j in range(h):
        i += weights[matrix + k * h + j] * state[j]
        f += weights[matrix + (h + k) * h + j] * state[j]
        g += weights[matrix + (2 * h + k) * h + j] * state[j]
        o += weights[matrix + (3 * h + k) * h + j] * state[j]
    i = half + half * tanh(half * i, one)
    f = half + half * tanh(half * f, one)
    o = half + half * tanh(half * o, one)
    return i, f, tanh(g, one), o


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def _run(audio, weights, state, out):  # type: ignore[no-untyped-def]
    """Fill `out` (samples,); `state` (2 · units,) moves on."""
    h, one = state.shape[0] // 2, state.dtype.type(1.0)
    out_at = weights.shape[0] - h - 1
    following = np.empty_like(state)
    for t in range(audio.shape[0]):
        u = audio[t]
        y = weights[out_at + h] * u
        for k in range(h):
            i, f, g, o = _gates_of(k, u, weights, state)
            following[h + k] = f * state[h + k] + i * g
            following[k] = o * tanh(following[h + k], one)
            y += weights[out_at + k] * following[k]
        state[:] = following
        out[t] = y


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST, inline="always")
def _add_own(by, gate, k, u, weights_at, state, row):  # type: ignore[no-untyped-def]
    """Add to `row` (recurrent,) the derivatives by a gate's own weights, `by` that by the gate."""
    h = state.shape[0] // 2
    matrix, bias = weights_at
    row[gate * h + k] += by * u
    for j in range(h):
        row[matrix + (gate * h + k) * h + j] += by * state[j]
    row[bias + gate * h + k] += by


@numba.njit(cache=CACHED, nogil=True, fastmath=_FAST)
def linearize(audio, weights, state, slopes, out, jacobian):  # type: ignore[no-untyped-def]
    """Do as `sensitivities.linearize`, with `state` (2 · units,) and `slopes` of as many rows."""
    h, count = slopes.shape[0] // 2, slopes.shape[1]
    matrix, bias, one = 4 * h, 4 * h + 4 * h * h, np.float32(1.0)
    at = (matrix, bias)
    following, by_state = np.empty_like(state), np.empty(h, np.float32)
    before, behind, beside = slopes.copy(), np.empty_like(slopes), np.empty(count, np.float32)
    weight = weights[count : count + h]
    for t in range(audio.shape[0]):
        u = audio[t]
        for k in range(h):
            i, f, g, o = _gates_of(k, u, weights, state)
            by_i, by_f = g * i * (one - i), state[h + k] * f * (one - f)
            by_g = i * (one - g * g)
            for j in range(h):
                by_state[j] = (
                    by_i * weights[matrix + k * h + j]
                    + by_f * weights[matrix + (h + k) * h + j]
                    + by_g * weights[matrix + (2 * h + k) * h + j]
                )
            memory, unit = behind[h + k], behind[k]
            combine(by_state, before[:h], memory)
            for n in range(count):
                memory[n] += f * before[h + k, n]
            _add_own(by_i, 0, k, u, at, state, memory)
            _add_own(by_f, 1, k, u, at, state, memory)
            _add_own(by_g, 2, k, u, at, state, memory)
            following[h + k] = f * state[h + k] + i * g
            bent = tanh(following[h + k], one)
            by_memory, by_o = o * (one - bent * bent), bent * o * (one - o)
            for j in range(h):
                by_state[j] = by_o * weights[matrix + (3 * h + k) * h + j]
            combine(by_state, before[:h], beside)
            for n in range(count):
                unit[n] = by_memory * memory[n] + beside[n]
            _add_own(by_o, 3, k, u, at, state, unit)
            following[k] = o * bent
        line = jacobian[t]
        combine(weight, behind[:h], line[:count])
        state[:] = following
        y = weights[count + h] * u
        for k in range(h):
            y += weight[k] * state[k]
            line[count + k] = state[k]
        line[count + h] = u
        out[t] = y
        before, behind = behind, before
    slopes[:] = before


def run_from(audio: np.ndarray, weights: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Return what it makes of (samples,) from a state (2 · units,), silence not subtracted."""
    out = np.empty_like(audio)
    _run(audio, weights, state.copy(), out)
    return out


def resting(units: int, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the state (2 · units,) behind long silence, and what is given out then."""
    silence, state = np.zeros(RESTING_SAMPLES, weights.dtype), np.zeros(2 * units, weights.dtype)
    out = np.empty_like(silence)
    _run(silence, weights, state, out)
    return state, out[-1]


def drawn_weights(units: int, rng: np.random.Generator) -> np.ndarray:
    """Return weights (size,) to begin a training with; the output is none at all.

    Weights of the input and of the state are normal, scaled by the number of units; memories are
    spread from fast to slow, each filled by the share that it forgets.
    """
    state = rng.normal(0.0, 0.5 / math.sqrt(units), 4 * units * units)
    kept = np.linspace(-2.0, 3.0, units)
    biases = [-kept, kept, rng.normal(0.0, 0.1, units), np.zeros(units)]
    return np.concatenate([rng.normal(0.0, 1.0, 4 * units), state, *biases, np.zeros(units + 1)])


def lstm(units: int) -> Architecture:
    """Return a network of so many units; see the module for its weights."""
    recurrent = 4 * units * units + 8 * units
    return Architecture(
        inputs=4 * units,
        recurrent=recurrent,
        states=2 * units,
        size=recurrent + units + 1,
        draw=partial(drawn_weights, units),
        resting=partial(resting, units),
        run_from=run_from,
        linearize=linearize,
    )
