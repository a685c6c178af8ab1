"""Derivatives of the output of second-order sections along many directions at once.

A filter answers to a moving input as to the input itself, and to a moving coefficient with what
that coefficient multiplies. Each direction is a recursion of its own, in which a sample waits for
the one before; so the processor follows as many directions at the same time as its registers hold.
The operations of each, and so its bits, are those of `recursion`.
"""

from collections.abc import Sequence

import numba
import numpy as np
from torch import Tensor

from fxchain.dsp.compilation_cache import CACHED
from fxchain.dsp.recursion import BLOCK, SILENCE, rows_of, run
from fxchain.dsp.thread_pool import map_threads

#: The first section with a derivative, and those (sections, 6) of the coefficients from there.
Direction = tuple[int, Tensor]

#: Directions that are followed at once in float32 and, for own slopes, in float64.
_LANES, _WIDE_LANES = 32, 16
#: Up to so many directions are computed one after the other.
_FEW = 4


@numba.njit(cache=CACHED, nogil=True)
def _play_beside(audio, rows, out):  # type: ignore[no-untyped-def]
    """Run at most `_LANES` rows of (rows, time) through `rows` (sections, 5) into `out`."""
    count, time = audio.shape
    sections = rows.shape[0]
    state = np.zeros((sections, 2, _LANES), audio.dtype)
    moving = np.zeros((BLOCK, _LANES), audio.dtype)
    for begin in range(0, time, BLOCK):
        size = min(BLOCK, time - begin)
        for lane in range(count):
            for t in range(size):
                moving[t, lane] = audio[lane, begin + t]
        for k in range(sections):
            b0, b1, b2, a1, a2 = rows[k]
            for t in range(size):
                for lane in range(_LANES):
                    x = moving[t, lane]
                    y = x * b0 + state[k, 0, lane]
                    state[k, 0, lane] = x * b1 - y * a1 + state[k, 1, lane]
                    state[k, 1, lane] = x * b2 - y * a2
                    moving[t, lane] = y
        _settle_lanes(state)
        for lane in range(count):
            for t in range(size):
                out[lane, begin + t] = moving[t, lane]


@numba.njit(cache=CACHED, nogil=True)
def _jvp_beside(signals, rows, moved, out):  # type: ignore[no-untyped-def]
    """Write the derivatives of the last of `signals` by the coefficients.

    `signals` (sections + 1, time) are the input of the first section and the output of each;
    `moved` is (sections, 5, lanes), zero beyond the directions there are; `out` is
    (directions, time).
    """
    sections, time = rows.shape[0], signals.shape[1]
    state = np.zeros((sections, 2, _WIDE_LANES), np.float64)
    moving = np.zeros((BLOCK, _WIDE_LANES), np.float64)
    for begin in range(0, time, BLOCK):
        size = min(BLOCK, time - begin)
        moving[:] = 0.0
        for k in range(sections):
            b0, b1, b2, a1, a2 = rows[k]
            still = not np.any(moved[k])
            for t in range(size):
                if still:
                    for lane in range(_WIDE_LANES):
                        dx = moving[t, lane]
                        dy = dx * b0 + state[k, 0, lane]
                        state[k, 0, lane] = dx * b1 - dy * a1 + state[k, 1, lane]
                        state[k, 1, lane] = dx * b2 - dy * a2
                        moving[t, lane] = dy
                    continue
                x, y = np.float64(signals[k, begin + t]), np.float64(signals[k + 1, begin + t])
                for lane in range(_WIDE_LANES):
                    dx = moving[t, lane]
                    dy = dx * b0 + x * moved[k, 0, lane] + state[k, 0, lane]
                    state[k, 0, lane] = (
                        dx * b1 - dy * a1 + state[k, 1, lane]
                        + x * moved[k, 1, lane] - y * moved[k, 3, lane]
                    )  # fmt: skip
                    state[k, 1, lane] = (
                        dx * b2 - dy * a2 + x * moved[k, 2, lane] - y * moved[k, 4, lane]
                    )
                    moving[t, lane] = dy
        _settle_lanes(state)
        for lane in range(out.shape[0]):
            for t in range(size):
                out[lane, begin + t] = moving[t, lane]


@numba.njit(cache=CACHED, nogil=True)
def _settle_lanes(state):  # type: ignore[no-untyped-def]
    for k in range(state.shape[0]):
        for lane in range(state.shape[2]):
            if abs(state[k, 0, lane]) < SILENCE and abs(state[k, 1, lane]) < SILENCE:
                state[k, 0, lane] = 0
                state[k, 1, lane] = 0


def play_tangents(tangents: Tensor, coefficients: Tensor, out: Tensor) -> None:
    """Filter tangents by a cascade, as it filters audio.

    Args:
        tangents: (directions, channels, time)
        coefficients: (sections, 6), b0 b1 b2 a0 a1 a2 with a0 = 1
        out: (directions, channels, time), contiguous, is written
    """
    inputs = tangents.detach().contiguous().numpy().reshape(-1, tangents.shape[-1])
    made, rows = out.numpy().reshape(inputs.shape), rows_of(coefficients)

    def play(part: slice) -> None:
        some = inputs[part]
        if len(some) > _FEW:
            _play_beside(some, rows.astype(some.dtype), made[part])
        else:
            made[part] = run(some, rows, keep=False)[:, 0]

    map_threads(play, [slice(at, at + _LANES) for at in range(0, len(inputs), _LANES)])


def own_tangents(
    signals: Tensor,
    coefficients: Tensor,
    directions: Sequence[Direction],
    out: Tensor,
) -> None:
    """Write the derivatives of the last section's output along directions of the coefficients.

    Args:
        signals: (channels, sections + 1, time), the input of the first section and each output
        coefficients: (sections, 6), with a0 = 1
        directions: derivatives of the coefficients
        out: (directions, channels, time), contiguous, is written
    """
    inputs, rows, made = signals.detach().contiguous().numpy(), rows_of(coefficients), out.numpy()

    def follow(at: int) -> None:
        some = directions[at : at + _WIDE_LANES]
        first = min(start for start, _ in some)
        moved = np.zeros((len(rows) - first, 5, _WIDE_LANES))
        for lane, (start, slopes) in enumerate(some):
            moved[start - first : start - first + len(slopes), :, lane] = rows_of(slopes)
        for channel, signal in enumerate(inputs):
            _jvp_beside(signal[first:], rows[first:], moved, made[at : at + len(some), channel])

    map_threads(follow, list(range(0, len(directions), _WIDE_LANES)))
