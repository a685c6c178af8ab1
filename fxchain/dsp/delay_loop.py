"""A delay line whose delay changes at every sample, and a filtered loop around it.

    u = x − b·f,   w[t] = (1 − a)·u[t−k] + a·u[t−k−1],   k + a = d[t],   d ≥ 0
    f = w behind a low-pass and a high-pass of first order, see `loop_filter`

The loop has no delay of its own, so that the echoes are 2·d, 3·d … late where d is steady; where d
is shorter than a sample u follows from what is linear in it. All is float64. The gradient is that
of the adjoint recursion, run from the end; the delay's is the difference of the two samples between
which it reads.

Source: J. Dattorro, "Effect Design, Part 2: Delay-Line Modulation and Chorus", 1997.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from fxchain.dsp.compilation_cache import CACHED
from fxchain.dsp.loop_filter import (
    enter,
    enter_moved,
    follow,
    follow_adjoint,
    follow_moved,
    of_input,
    of_output,
)

Array = NDArray[np.float64]
#: What goes into the line, (rows, time), and over and above of the loop, (rows, time, 2).
Apart = tuple[Array, Array]


@numba.njit(cache=CACHED, nogil=True)
def _read(line, t, delay):  # type: ignore[no-untyped-def]
    """Return the two samples between which a line is read, and how far behind the first."""
    whole = int(delay)
    near = line[t - whole] if t >= whole else 0.0
    far = line[t - whole - 1] if t > whole else 0.0
    return near, far, delay - whole


@numba.njit(cache=CACHED, nogil=True)
def _play(x, delays, loop, u, w, apart):  # type: ignore[no-untyped-def]
    """Write what goes into the line and what comes out of it, and what derivatives need.

    Args:
        x: (rows, time)
        delays: (time,), samples
        loop: b, P, Q
        u: (rows, time)
        w: (rows, time)
        apart: (rows, time, 2), or none with (0, 0, 0)
    """
    b, p, q = loop
    kept = apart.shape[0] > 0
    for row in range(x.shape[0]):
        line, low, high = u[row], 0.0, 0.0
        for t in range(x.shape[1]):
            line[t] = 0.0
            near, far, part = _read(line, t, delays[t])
            through = 1.0 - part if delays[t] < 1.0 else 0.0
            own = near + part * (far - near)
            line[t] = enter(x[row, t], own, through, low, high, b, p, q)
            w[row, t] = own + through * line[t]
            low, high, over, above = follow(w[row, t], low, high, p, q)
            if kept:
                apart[row, t, 0], apart[row, t, 1] = over, above


@numba.njit(cache=CACHED, nogil=True)
def _tangent(u, apart, delays, loop, moved, moved_loop, out):  # type: ignore[no-untyped-def]
    """Write the derivative of one channel of w along delays and loop, the input constant.

    Args:
        u: (time,), of the channel
        apart: (time, 2), likewise
        delays: (time,)
        loop: b, P, Q
        moved: (time,), derivatives of the delays
        moved_loop: of b, P, Q
        out: (time,)
    """
    around, turned = (loop[0], loop[1], loop[2]), (moved_loop[0], moved_loop[1], moved_loop[2])
    line, low, high = np.zeros(len(out)), 0.0, 0.0
    for t in range(len(out)):
        behind = apart[t, 0], apart[t, 1]
        near, far, part = _read(u, t, delays[t])
        through = 1.0 - part if delays[t] < 1.0 else 0.0
        d_near, d_far, _ = _read(line, t, delays[t])
        own = d_near + part * (d_far - d_near) + (far - near) * moved[t]
        line[t] = enter_moved(own, through, behind, low, high, around, turned)
        out[t] = own + through * line[t]
        low, high = follow_moved(out[t], behind, low, high, around, turned)


@numba.njit(cache=CACHED, nogil=True)
def _adjoint(u, apart, delays, loop, gradient, of_delays, of_loop):  # type: ignore[no-untyped-def]
    """Replace `gradient` of one channel of w by that of the input; add to those of delays, loop."""
    around, low, high = (loop[0], loop[1], loop[2]), 0.0, 0.0
    line = np.zeros(len(gradient))
    for t in range(len(gradient) - 1, -1, -1):
        behind = apart[t, 0], apart[t, 1]
        near, far, part = _read(u, t, delays[t])
        whole = int(delays[t])
        through = 1.0 - part if whole == 0 else 0.0
        of_u = line[t] + through * of_output(gradient[t], low, high, around)
        of_u = of_input(of_u, through, around)
        of_w, low, high = follow_adjoint(gradient[t], of_u, behind, low, high, around, of_loop)
        of_delays[t] += (far - near) * of_w
        if 0 < whole <= t:
            line[t - whole] += (1.0 - part) * of_w
        if whole < t:
            line[t - whole - 1] += part * of_w
        of_loop[0] -= (1.0 - around[2]) * behind[1] * of_u
        gradient[t] = of_u


@dataclass(frozen=True, eq=False)
class DelayLoop:
    """The recursion along one delay, a `FeedbackLoop`.

    Attributes:
        delays: (time,), samples, 0 or more, float64
        loop: (3,), b, P and Q, float64
    """

    delays: Array
    loop: Array

    def play(self, x: Array) -> Array:
        """Return w, (rows, time), of x, (rows, time), float64."""
        w = np.empty_like(x)
        _play(x, self.delays, self.loop, np.empty_like(x), w, np.empty((0, 0, 0)))
        return w

    def played(self, x: Array) -> tuple[Array, Apart]:
        """Return w, and what derivatives need of each row."""
        u, w, apart = np.empty_like(x), np.empty_like(x), np.empty((*x.shape, 2))
        _play(x, self.delays, self.loop, u, w, apart)
        return w, (u, apart)

    def tangent(self, apart: Apart, moved: Array, moved_loop: Array) -> Array:
        """Return the derivative of w, (rows, time), along delays and loop."""
        out = np.empty_like(apart[0])
        for line, behind, row in zip(*apart, out, strict=True):
            _tangent(line, behind, self.delays, self.loop, moved, moved_loop, row)
        return out

    def adjoint(self, apart: Apart, gradient: Array) -> tuple[Array, Array, Array]:
        """Return the gradients of x, of the delays and of the loop by that of w, (rows, time)."""
        pulled, of_delays, of_loop = gradient.copy(), np.zeros_like(self.delays), np.zeros(3)
        for line, behind, row in zip(*apart, pulled, strict=True):
            _adjoint(line, behind, self.delays, self.loop, row, of_delays, of_loop)
        return pulled, of_delays, of_loop
