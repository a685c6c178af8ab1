"""The lag between two recordings over time, as pieces of constant lag.

Each short window of the wet has a correlation with the dry over many lags. A lag that stands out
in several windows is a candidate; the path through the windows that collects the most, at a price
for each change, is the track. An echo or a bar that repeats is never missing where the direct
sound is there, so it takes no window from it.

Source:
    correlation with the phase transform as in `fxchain.alignment.clock_drift`; the path by the
    algorithm of A. J. Viterbi (1967)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fxchain.alignment.best_path import best_path

Array = NDArray[np.float32]
Numbers = NDArray[np.float64]

#: Windows follow each other so fast, s: where the lag of the whole is looked for, and where
#: others are.
WINDOW_SECONDS, CHECK_SECONDS, HOP_SECONDS = 0.5, 0.25, 0.125
MOST_WINDOWS = 480
#: Lags differ by so much at most from that of the whole, s, in the same order.
NEAR_SECONDS, FAR_SECONDS = 0.05, 2.0
#: The lag of the whole is there in a window where it has this share of the highest correlation.
PRESENT = 0.4
#: A peak of a window counts as one lag where it is within so many samples.
TOLERANCE_SAMPLES = 3
#: A lag is a candidate where it is the highest in so many windows.
LEAST_WINDOWS = 3
#: What a change of the lag costs; a window gives 1 at its highest lag.
CHANGE_PRICE = 2.0
#: A peak stands out when it is so many times the mean of its window's correlation.
DISTINCT = 8.0
#: Windows so far below the whole are not looked at, dB.
_QUIET_DB = 50.0
_MOST_CANDIDATES = 24


@dataclass(frozen=True)
class LagPiece:
    """A stretch of the wet with one lag.

    Attributes:
        lag: samples, positive where the wet is late
        first: middle of its first window, in samples of the wet
        last: middle of its last window, in samples of the wet
        slope: by how much the lag changes in it, samples a sample
    """

    lag: int
    first: int
    last: int
    slope: float


def lag_pieces(dry: Array, wet: Array, sample_rate: float, lag: int) -> tuple[LagPiece, ...]:
    """Return the pieces of constant lag, in their order; one where nothing changes.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples), at the same rate
        sample_rate: Hz
        lag: of the whole, samples; positive where the wet is late

    Returns:
        at least one piece, or none where too few windows sound
    """
    size = round(WINDOW_SECONDS * sample_rate)
    begins = _windows(wet, size, CHECK_SECONDS * sample_rate)
    if len(begins) < LEAST_WINDOWS:
        return ()
    if not _missing(dry, wet, begins, size, (lag, round(NEAR_SECONDS * sample_rate))):
        return (LagPiece(lag, int(begins[0] + size // 2), int(begins[-1] + size // 2), 0.0),)
    begins = _windows(wet, size, HOP_SECONDS * sample_rate)
    reach = round(FAR_SECONDS * sample_rate)
    heights = _heights(dry, wet, begins, size, (lag, reach))
    tops = _tops(heights, lag, reach)
    found = _candidates(tops, lag)
    gains = np.stack([_gain(heights, each - lag + reach) for each in found], axis=1)
    path = best_path(gains / np.maximum(heights.max(axis=1), 1e-30)[:, None], CHANGE_PRICE)
    cuts = np.flatnonzero(np.diff(path)) + 1
    pieces = []
    for span in np.split(np.arange(len(path)), cuts):
        here = found[path[span[0]]]
        pieces.append(_piece(here, begins[span] + size // 2, tops[span, 0]))
    return tuple(pieces)


def _missing(
    dry: Array, wet: Array, begins: NDArray[np.intp], size: int, around: tuple[int, int]
) -> bool:
    """Tell whether the lag of the whole is missing in three windows that follow each other."""
    heights = _heights(dry, wet, begins, size, around)
    there = _gain(heights, around[1]) >= PRESENT * heights.max(axis=1)
    return bool(np.any(~(there[2:] | there[1:-1] | there[:-2])))


def _windows(wet: Array, size: int, hop: float) -> NDArray[np.intp]:
    """Return where the windows of the wet begin that sound."""
    room = wet.shape[1] - size
    if room <= 0:
        return np.empty(0, np.intp)
    count = min(MOST_WINDOWS, round(room / hop) + 1)
    begins = np.linspace(0, room, count).astype(np.intp)
    total = np.concatenate([[0.0], np.cumsum(np.sum(np.square(wet, dtype=np.float64), axis=0))])
    power = (total[begins + size] - total[begins]) / size
    loud = power > 10.0 ** (-_QUIET_DB / 10.0) * total[-1] / wet.shape[1]
    return begins[loud]


def _heights(
    dry: Array, wet: Array, begins: NDArray[np.intp], size: int, around: tuple[int, int]
) -> Array:
    """Return the correlation of each window at lags `around[0]` ± `around[1]`, (windows, lags)."""
    lag, reach = around
    window = np.hanning(size).astype(np.float32)
    length = scipy.fft.next_fast_len(size + 2 * reach, real=True)
    rows = []
    for begin in begins:
        start = begin - lag - reach
        part = dry[:, max(0, start) : max(0, start + size + 2 * reach)]
        part = np.pad(part, ((0, 0), (max(0, -start), 0)))
        first = scipy.fft.rfft(part, length)
        second = scipy.fft.rfft(wet[:, begin : begin + size] * window, length)
        cross = first * second.conj()
        cross /= np.abs(cross) + max(1e-3 * float(np.abs(cross).max()), 1e-30)
        # Index k: the dry that lies k − reach samples later, so that the lag is smaller by that.
        row = np.abs(scipy.fft.irfft(cross, length)[:, : 2 * reach + 1]).sum(axis=0)
        rows.append(row[::-1])
    return np.stack(rows)


def _tops(heights: Array, lag: int, reach: int) -> Numbers:
    """Return the highest lag of each window and how far it stands out, (windows, 2)."""
    at = heights.argmax(axis=1)
    size = heights[np.arange(len(at)), at] / np.maximum(np.mean(heights, axis=1), 1e-30)
    return np.stack([at - reach + lag, size], axis=1).astype(np.float64)


def _candidates(tops: Numbers, lag: int) -> list[int]:
    """Return the lags that are the highest of several windows, and that of the whole."""
    distinct = np.sort(tops[tops[:, 1] >= DISTINCT, 0])
    counts = [
        (int(np.count_nonzero(np.abs(distinct - each) <= TOLERANCE_SAMPLES)), int(each))
        for each in np.unique(distinct)
    ]
    found: list[int] = [lag]
    for count, each in sorted(counts, reverse=True):
        if count < LEAST_WINDOWS or len(found) >= _MOST_CANDIDATES:
            break
        if all(abs(each - other) > 2 * TOLERANCE_SAMPLES for other in found):
            found.append(each)
    return found


def _gain(heights: Array, at: int) -> Numbers:
    """Return the highest correlation within the tolerance of an index, (windows,)."""
    low = max(0, at - TOLERANCE_SAMPLES)
    part = heights[:, low : at + TOLERANCE_SAMPLES + 1]
    return part.max(axis=1) if part.shape[1] else np.zeros(len(heights))


def _piece(lag: int, middles: NDArray[np.intp], lags: Numbers) -> LagPiece:
    """Return a piece; its lag is the median of those of its windows that are near."""
    near = np.abs(lags - lag) <= 3 * TOLERANCE_SAMPLES
    if np.count_nonzero(near) >= 3:
        times, values = middles[near].astype(np.float64), lags[near]
        away = times - times.mean()
        slope = float(away @ (values - values.mean()) / max(float(away @ away), 1e-30))
        lag = round(float(np.median(values)))
    else:
        slope = 0.0
    return LagPiece(lag, int(middles[0]), int(middles[-1]), slope)
