"""The filtered feedback of a recursion: a low-pass and a high-pass of first order, without delay.

    u = x − b·f,   w = what the recursion makes of u,   f = w behind both filters
    over = w − l,   m = l + P·over,   l ← m + P·over
    above = m − h,   f = (1 − Q)·above,   h ← h + 2·Q·above

l and h are the states, P and Q the gains of one-poles in topology-preserving form. All but state is
linear in u: where w = own + through·u, u follows. The functions are called at each sample; those of
derivatives and of the adjoint take what `follow` returned there.

Source: V. Zavalishin, "The Art of VA Filter Design", 2012: zero-delay feedback.
"""

import numba

from fxchain.dsp.compilation_cache import CACHED


@numba.njit(cache=CACHED, nogil=True)
def enter(x, own, through, low, high, b, p, q):  # type: ignore[no-untyped-def]
    """Return u by x and by what comes out at once: own + through·u."""
    fed = (1.0 - q) * (p * own + (1.0 - p) * low - high)
    return (x - b * fed) / (1.0 + b * (1.0 - q) * p * through)


@numba.njit(cache=CACHED, nogil=True)
def follow(w, low, high, p, q):  # type: ignore[no-untyped-def]
    """Return the states behind w, over and above."""
    over = w - low
    between = low + p * over
    above = between - high
    return between + p * over, high + 2.0 * q * above, over, above


@numba.njit(cache=CACHED, nogil=True)
def enter_moved(own, through, apart, low, high, loop, moved):  # type: ignore[no-untyped-def]
    """Return the derivative of u, the input constant.

    Args:
        own: derivative of own
        through: itself
        apart: over and above
        low: derivative of the state
        high: likewise
        loop: b, P, Q
        moved: their derivatives
    """
    (b, p, q), (db, dp, dq), (over, above) = loop, moved, apart
    between = dp * over + p * own + (1.0 - p) * low
    fed = (1.0 - q) * (between - high) - dq * above
    u = -db * (1.0 - q) * above
    return (u - b * fed) / (1.0 + b * (1.0 - q) * p * through)


@numba.njit(cache=CACHED, nogil=True)
def follow_moved(w, apart, low, high, loop, moved):  # type: ignore[no-untyped-def]
    """Return the derivatives of the states behind that of w."""
    (_, p, q), (_, dp, dq), (over, above) = loop, moved, apart
    v = dp * over + p * (w - low)
    between = low + v
    return between + v, high + 2.0 * (dq * above + q * (between - high))


@numba.njit(cache=CACHED, nogil=True)
def of_output(of_w, low, high, loop):  # type: ignore[no-untyped-def]
    """Return the gradient of w by that outside the loop and those of the states, f constant."""
    _, p, q = loop
    return of_w + 2.0 * p * (low + q * high)


@numba.njit(cache=CACHED, nogil=True)
def of_input(of_u, through, loop):  # type: ignore[no-untyped-def]
    """Return the gradient of u, f no longer constant."""
    b, p, q = loop
    return of_u / (1.0 + b * (1.0 - q) * p * through)


@numba.njit(cache=CACHED, nogil=True)
def follow_adjoint(of_w, of_u, apart, low, high, loop, of_loop):  # type: ignore[no-untyped-def]
    """Return the gradients of w and of the states before it; add to those of P and Q."""
    (b, p, q), (over, above) = loop, apart
    of_f = -b * of_u
    of_above = 2.0 * q * high + (1.0 - q) * of_f
    of_between = of_above + low
    of_v = low + of_between
    of_loop[1] += of_v * over
    of_loop[2] += (2.0 * high - of_f) * above
    return of_w + p * of_v, of_between - p * of_v, high - of_above
