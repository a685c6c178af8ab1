"""Places at which a recording jumps: samples were lost, repeated or inserted.

A buffer that ran over or under changes the lag at one place, from one constant to another. Such a
change is believed where one and the same short filter makes the wet of the dry on either side,
each at its own lag and not at the other's: an echo, a repeated bar or a change of the sound does
not do that. The place is where the sum of both errors, the first lag's before it and the second
lag's after it, is least.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.linalg import solve, solve_toeplitz, toeplitz

from fxchain.alignment.clock_drift import measure_drift
from fxchain.alignment.lag_track import WINDOW_SECONDS, LagPiece, lag_pieces

Array = NDArray[np.float32]
Numbers = NDArray[np.float64]

#: A change of the lag is a jump where the common filter explains this share of the wet on either
#: side, and at the other side's lag at most this share of that.
LEAST_EXPLAINED, MOST_ELSEWHERE = 0.15, 0.5
#: What the filter of one side alone makes of the other correlates with it, squared, by this share
#: of what the common one explains there.
LEAST_CROSSED = 0.5
#: A lag that changes inside the pieces by this share of what it jumps is a clock that drifts.
MOST_DRIFT = 0.5
#: Smaller changes are filters that ring, samples.
LEAST_SAMPLES = 6
#: What the place may be wrong by costs as much error as the filter leaves in this time, s.
UNSURE_SECONDS = 0.005
_STRETCH_SECONDS = 2.0
_TAPS_BEFORE, _TAPS_AFTER = 16, 112
_RIDGE = 1e-4


@dataclass(frozen=True)
class Jump:
    """A change of the lag at one place.

    Attributes:
        at: sample of the wet where what follows begins
        before: lag before it, samples, positive where the wet is late
        after: lag after it
        unsure: first sample and end of where the place may be as well
    """

    at: int
    before: int
    after: int
    unsure: tuple[int, int]

    @property
    def lost(self) -> int:
        """Return how many samples are missing; negative where there are too many."""
        return self.before - self.after


def find_jumps(dry: Array, wet: Array, sample_rate: float, lag: int) -> tuple[Jump, ...]:
    """Return the jumps of a recording, in their order.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples), at the same rate
        sample_rate: Hz
        lag: of the whole, samples; positive where the wet is late

    Returns:
        none where the lag is constant, or changes in another way
    """
    pieces = lag_pieces(dry, wet, sample_rate, lag)
    if len(pieces) < 2 or _drifts(pieces):
        return ()
    drift = measure_drift(dry, wet, sample_rate, lag)
    if drift is not None and drift.certain:
        return ()  # all windows lie on one line, which is no step
    # Both behind a filter that raises the treble, which tells lags apart.
    first, second = (np.diff(audio, axis=1, prepend=0.0) for audio in (dry, wet))
    found: list[Jump] = []
    here = pieces[0]
    for piece in pieces[1:]:
        if abs(piece.lag - here.lag) < LEAST_SAMPLES:
            continue
        piece = _refined(first, second, sample_rate, here, piece)
        jump = _jump(first, second, sample_rate, here, piece)
        if jump is not None:
            found.append(jump)
            here = piece
    return tuple(found)


def _drifts(pieces: tuple[LagPiece, ...]) -> bool:
    """Tell whether the lag changes inside the pieces, as that of clocks that drift."""
    inside = sum(piece.slope * (piece.last - piece.first) for piece in pieces)
    jumps = [second.lag - first.lag for first, second in itertools.pairwise(pieces)]
    return abs(inside) >= MOST_DRIFT * max(abs(jump) for jump in jumps)


def _refined(
    dry: Array, wet: Array, sample_rate: float, first: LagPiece, second: LagPiece
) -> LagPiece:
    """Return the second piece at the lag at which the filter of the first explains most of it.

    The highest correlation of each piece may be that of another sample of the same filter.
    """
    half, stretch = (round(s * sample_rate) for s in (WINDOW_SECONDS / 2, _STRETCH_SECONDS))
    before = (max(first.first - half, first.last - stretch), first.last)
    after = (second.first, min(second.last + half, second.first + stretch))
    taps = common_filter(dry, wet, [(*before, first.lag)])
    begin, end = after
    span = (begin - LEAST_SAMPLES, end + LEAST_SAMPLES)
    made, there = filtered(dry, taps, span, second.lag), wet[:, begin:end]
    products = [
        float(np.sum(made[:, at : at + end - begin] * there)) for at in range(2 * LEAST_SAMPLES + 1)
    ]
    # Where what is played lies later, the lag is smaller.
    return replace(second, lag=second.lag + LEAST_SAMPLES - int(np.argmax(products)))


def _jump(
    dry: Array, wet: Array, sample_rate: float, first: LagPiece, second: LagPiece
) -> Jump | None:
    """Return the jump from one piece to the next, None where it is none."""
    half, stretch = (round(s * sample_rate) for s in (WINDOW_SECONDS / 2, _STRETCH_SECONDS))
    before = (max(first.first - half, first.last - stretch), first.last)
    after = (second.first, min(second.last + half, second.first + stretch))
    taps = common_filter(dry, wet, [(*before, first.lag), (*after, second.lag)])
    own, other = first.lag, second.lag
    shares = [
        (_explained(dry, wet, taps, before, own), _explained(dry, wet, taps, before, other)),
        (_explained(dry, wet, taps, after, other), _explained(dry, wet, taps, after, own)),
    ]
    if any(here < LEAST_EXPLAINED or there > MOST_ELSEWHERE * here for here, there in shares):
        return None
    crossed = [
        _correlation(dry, wet, common_filter(dry, wet, [(*before, own)]), after, other),
        _correlation(dry, wet, common_filter(dry, wet, [(*after, other)]), before, own),
    ]
    own_shares = (shares[1][0], shares[0][0])
    if any(c**2 < LEAST_CROSSED * s for c, s in zip(crossed, own_shares, strict=True)):
        return None  # the pieces share no band, as those of a sweep
    apart, least = abs(other - own), min(own, other)
    jump = [(*before, own, own + apart), (*after, other, other + apart)]
    echo = [(*span, least, least + apart) for span in (before, after)]
    if _error_of_two(dry, wet, echo) <= _error_of_two(dry, wet, jump):
        return None  # both lags are there all the time
    begin, end = max(before[0], before[1] - 4 * half), min(after[1], after[0] + 4 * half)
    errors = [squared_error(dry, wet, taps, (begin, end), lag) for lag in (own, other)]
    total = np.concatenate([[0.0], np.cumsum(errors[0] - errors[1])])
    at = int(total.argmin())
    part = wet[:, slice(*before)]
    power = (1.0 - shares[0][0]) * float(np.sum(np.square(part, dtype=np.float64))) / part.shape[1]
    beyond = total - total[at] > UNSURE_SECONDS * sample_rate * power
    low = at - int(np.argmax(beyond[at::-1])) if beyond[: at + 1].any() else 0
    high = at + int(np.argmax(beyond[at:])) if beyond[at:].any() else len(total) - 1
    return Jump(begin + at, own, other, (begin + low, begin + high))


def common_filter(dry: Array, wet: Array, parts: list[tuple[int, int, int]]) -> Numbers:
    """Return the least-squares filter from dry to wet over parts (begin, end, lag), (taps,)."""
    size = _TAPS_BEFORE + _TAPS_AFTER
    auto, cross = np.zeros(size), np.zeros(size)
    for begin, end, lag in parts:
        x, y = _shifted(dry, begin, end, lag - _TAPS_BEFORE), wet[:, begin:end]
        length = scipy.fft.next_fast_len(end - begin + size, real=True)
        spectra = [scipy.fft.rfft(part.astype(np.float64), length) for part in (x, y)]
        auto += scipy.fft.irfft(np.square(np.abs(spectra[0])).sum(axis=0), length)[:size]
        cross += scipy.fft.irfft((spectra[0].conj() * spectra[1]).sum(axis=0), length)[:size]
    auto[0] = max(auto[0] * (1.0 + _RIDGE), 1e-30)
    return np.asarray(solve_toeplitz(auto, cross, check_finite=False))


def _error_of_two(dry: Array, wet: Array, parts: list[tuple[int, int, int, int]]) -> float:
    """Return the squared error of two filters over parts (begin, end, lag of each filter)."""
    size = _TAPS_BEFORE + _TAPS_AFTER
    matrix, vector = np.zeros((2 * size, 2 * size)), np.zeros(2 * size)
    energy = 0.0
    for begin, end, *lags in parts:
        length = scipy.fft.next_fast_len(end - begin + size, real=True)
        audio = [_shifted(dry, begin, end, lag - _TAPS_BEFORE) for lag in lags]
        first, second, made = (
            scipy.fft.rfft(each.astype(np.float64), length) for each in (*audio, wet[:, begin:end])
        )
        for row, left in enumerate((first, second)):
            rows = slice(row * size, (row + 1) * size)
            vector[rows] += scipy.fft.irfft((left.conj() * made).sum(axis=0), length)[:size]
            for column, right in enumerate((first, second)):
                cross = scipy.fft.irfft((left.conj() * right).sum(axis=0), length)
                columns = slice(column * size, (column + 1) * size)
                matrix[rows, columns] += toeplitz(cross[:size], np.roll(cross[::-1], 1)[:size])
        energy += float(np.sum(np.square(wet[:, begin:end], dtype=np.float64)))
    matrix[np.diag_indices(2 * size)] *= 1.0 + _RIDGE
    matrix[np.diag_indices(2 * size)] += 1e-30
    taps = solve(matrix, vector, assume_a="pos", check_finite=False)
    return energy - float(taps @ vector)


def filtered(dry: Array, taps: Numbers, span: tuple[int, int], lag: int) -> Numbers:
    """Return the filtered dry at a lag in a span of the wet, (channels, samples)."""
    begin, end = span
    size = len(taps)
    x = _shifted(dry, begin - size, end, lag - _TAPS_BEFORE)
    length = scipy.fft.next_fast_len(x.shape[1] + size, real=True)
    spectrum = scipy.fft.rfft(x.astype(np.float64), length) * scipy.fft.rfft(taps, length)
    return np.asarray(scipy.fft.irfft(spectrum, length)[:, size : size + end - begin])


def squared_error(
    dry: Array, wet: Array, taps: Numbers, span: tuple[int, int], lag: int
) -> Numbers:
    """Return the squared error of the filtered dry at a lag in a span of the wet, (samples,)."""
    made = filtered(dry, taps, span, lag)
    return np.asarray(np.sum(np.square(wet[:, slice(*span)] - made), axis=0))


def _explained(dry: Array, wet: Array, taps: Numbers, span: tuple[int, int], lag: int) -> float:
    """Return the share of the wet's energy in a span that the filtered dry at a lag explains."""
    energy = float(np.sum(np.square(wet[:, slice(*span)], dtype=np.float64)))
    return 1.0 - float(squared_error(dry, wet, taps, span, lag).sum()) / max(energy, 1e-30)


def _correlation(dry: Array, wet: Array, taps: Numbers, span: tuple[int, int], lag: int) -> float:
    """Return the correlation of the filtered dry with the wet in a span, 0 where negative."""
    made, there = filtered(dry, taps, span, lag), wet[:, slice(*span)].astype(np.float64)
    size = float(np.linalg.norm(made) * np.linalg.norm(there))
    return max(float(np.sum(made * there)) / max(size, 1e-30), 0.0)


def _shifted(dry: Array, begin: int, end: int, lag: int) -> Array:
    """Return the dry late by a lag, from one sample to another; zeros where there is none."""
    first, last = begin - lag, end - lag
    part = dry[:, max(first, 0) : max(last, 0)]
    before = min(max(-first, 0), end - begin)
    return np.pad(part, ((0, 0), (before, end - begin - before - part.shape[1])))
