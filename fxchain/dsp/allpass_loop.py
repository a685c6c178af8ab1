"""All-passes in series whose corners change at every sample, and a filtered loop around them.

    u = x − b·f,   then for each all-pass with its state s:
    v = G·(o − s),   l = v + s,   s ← l + v,   o ← 2·l − o   (o = u at first);   w = o
    f = w behind a low-pass and a high-pass of first order, see `loop_filter`

The loop has no delay: all that is not state is linear in u, so that u follows. All is float64. The
gradient is that of the adjoint recursion, run from the end.

Source: V. Zavalishin, "The Art of VA Filter Design", 2012: one-poles in topology-preserving form,
zero-delay feedback.
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


@numba.njit(cache=CACHED, nogil=True)
def _play(x, gains, loop, w, apart):  # type: ignore[no-untyped-def]
    """Write w, and what the recursion of derivatives needs where there is room for it.

    Args:
        x: (rows, time)
        gains: (time, stages)
        loop: b, P, Q
        w: (rows, time)
        apart: (rows, time, stages + 2): o − s of each stage, over and above of the loop; none with
            (0, 0, 0)
    """
    b, p, q = loop
    stages, kept = gains.shape[1], apart.shape[0] > 0
    for row in range(x.shape[0]):
        states, low, high = np.zeros(stages), 0.0, 0.0
        for t in range(x.shape[1]):
            u = x[row, t]
            if b != 0.0:
                own, through = 0.0, 1.0
                for k in range(stages):
                    turn = 2.0 * gains[t, k] - 1.0
                    own = turn * own + (1.0 - turn) * states[k]
                    through *= turn
                u = enter(u, own, through, low, high, b, p, q)
            o = u
            for k in range(stages):
                beyond = o - states[k]
                v = gains[t, k] * beyond
                lowpassed = v + states[k]
                states[k] = lowpassed + v
                o = 2.0 * lowpassed - o
                if kept:
                    apart[row, t, k] = beyond
            w[row, t] = o
            low, high, over, above = follow(o, low, high, p, q)
            if kept:
                apart[row, t, stages], apart[row, t, stages + 1] = over, above


@numba.njit(cache=CACHED, nogil=True)
def _tangent(apart, gains, loop, moved, moved_loop, out):  # type: ignore[no-untyped-def]
    """Write the derivative of one channel of w along gains and loop, the input constant.

    Args:
        apart: (time, stages + 2), of the channel
        gains: (time, stages)
        loop: b, P, Q
        moved: (time, stages), derivatives of the gains
        moved_loop: of b, P, Q
        out: (time,)
    """
    around, turned = (loop[0], loop[1], loop[2]), (moved_loop[0], moved_loop[1], moved_loop[2])
    stages = gains.shape[1]
    states, low, high = np.zeros(stages), 0.0, 0.0
    for t in range(len(out)):
        behind = apart[t, stages], apart[t, stages + 1]
        own, through = 0.0, 1.0
        if around[0] != 0.0:
            for k in range(stages):
                turn = 2.0 * gains[t, k] - 1.0
                own = turn * own + (1.0 - turn) * states[k] + 2.0 * moved[t, k] * apart[t, k]
                through *= turn
        o = enter_moved(own, through, behind, low, high, around, turned)
        for k in range(stages):
            v = moved[t, k] * apart[t, k] + gains[t, k] * (o - states[k])
            lowpassed = v + states[k]
            states[k] = lowpassed + v
            o = 2.0 * lowpassed - o
        out[t] = o
        low, high = follow_moved(o, behind, low, high, around, turned)


@numba.njit(cache=CACHED, nogil=True)
def _through(of_w, states, gains):  # type: ignore[no-untyped-def]
    """Return the gradient of u by that of w and of the states behind it."""
    of_o = of_w
    for k in range(len(gains) - 1, -1, -1):
        of_low = 2.0 * of_o + states[k]
        of_o = gains[k] * (states[k] + of_low) - of_o
    return of_o


@numba.njit(cache=CACHED, nogil=True)
def _adjoint(apart, gains, loop, gradient, of_gains, of_loop):  # type: ignore[no-untyped-def]
    """Replace `gradient` of one channel of w by that of the input; add to those of gains, loop."""
    around, stages = (loop[0], loop[1], loop[2]), gains.shape[1]
    states, low, high = np.zeros(stages), 0.0, 0.0
    for t in range(len(gradient) - 1, -1, -1):
        of_u = 0.0
        if around[0] != 0.0:
            through = 1.0
            for k in range(stages):
                through *= 2.0 * gains[t, k] - 1.0
            of_w = of_output(gradient[t], low, high, around)
            of_u = of_input(_through(of_w, states, gains[t]), through, around)
        behind = apart[t, stages], apart[t, stages + 1]
        of_o, low, high = follow_adjoint(gradient[t], of_u, behind, low, high, around, of_loop)
        for k in range(stages - 1, -1, -1):
            of_lowpassed = 2.0 * of_o + states[k]
            of_v = states[k] + of_lowpassed
            of_gains[t, k] += of_v * apart[t, k]
            states[k] = of_lowpassed - gains[t, k] * of_v
            of_o = gains[t, k] * of_v - of_o
        of_loop[0] -= (1.0 - around[2]) * behind[1] * of_o
        gradient[t] = of_o


@dataclass(frozen=True, eq=False)
class AllpassLoop:
    """The recursion along one set of curves, a `FeedbackLoop`.

    Attributes:
        gains: (time, stages), G of each sample and all-pass, 0 to 1, float64
        loop: (3,), b, P and Q, float64
    """

    gains: Array
    loop: Array

    def play(self, x: Array) -> Array:
        """Return w, (rows, time), of x, (rows, time), float64."""
        w = np.empty_like(x)
        _play(x, self.gains, self.loop, w, np.empty((0, 0, 0)))
        return w

    def played(self, x: Array) -> tuple[Array, Array]:
        """Return w, and what derivatives need of each row."""
        w, apart = np.empty_like(x), np.empty((*x.shape, self.gains.shape[1] + 2))
        _play(x, self.gains, self.loop, w, apart)
        return w, apart

    def tangent(self, apart: Array, moved: Array, moved_loop: Array) -> Array:
        """Return the derivative of w, (rows, time), along gains and loop."""
        out = np.empty(apart.shape[:2])
        for known, row in zip(apart, out, strict=True):
            _tangent(known, self.gains, self.loop, moved, moved_loop, row)
        return out

    def adjoint(self, apart: Array, gradient: Array) -> tuple[Array, Array, Array]:
        """Return the gradients of x, of the gains and of the loop by that of w, (rows, time)."""
        pulled, of_gains, of_loop = gradient.copy(), np.zeros_like(self.gains), np.zeros(3)
        for known, row in zip(apart, pulled, strict=True):
            _adjoint(known, self.gains, self.loop, row, of_gains, of_loop)
        return pulled, of_gains, of_loop
