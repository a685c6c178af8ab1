"""Short stretches of a recording that lie at another lag than all the rest.

Two jumps close to each other, or one near an end, leave a stretch between them that is too short
to have its lag measured by itself. A filter from dry to wet is known from all the rest, though:
where what it makes of the dry is not there at the common lag, but is at another one, in frames
that follow each other, the stretch was displaced.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fxchain.alignment.jumps import common_filter, filtered, squared_error

Array = NDArray[np.float32]
Numbers = NDArray[np.float64]

#: Frames of this length follow each other so fast, s.
FRAME_SECONDS, HOP_SECONDS = 0.06, 0.015
#: Lags differ by so much at most, s: a buffer or two.
MOST_APART_SECONDS = 0.025
#: The filter explains at least this share of half of the frames, or nothing is known.
LEAST_TYPICAL = 0.5
#: A displaced frame is explained elsewhere by this share of what is typical, and at the common lag
#: by at most this share of that.
LEAST_ELSEWHERE, MOST_HERE = 0.9, 0.25
#: So many frames follow each other at one lag, within so many samples.
LEAST_FRAMES, TOLERANCE_SAMPLES = 3, 3
#: Louder or quieter than typical for what was played by less than this, dB.
MOST_LEVEL_DB = 12.0
#: Frames so far below the whole are not looked at, dB.
QUIET_DB = 40.0
#: A stretch is wider than what was found by this at most on either side, s.
WIDEST_SECONDS = 0.25
#: It ends where this share of the maximum is reached.
NEARLY = 0.999
#: More of the recording than this share is an effect that moves.
MOST_SHARE = 0.2
_CHUNK_SECONDS = 20.0


def find_displaced(
    dry: Array, wet: Array, sample_rate: float, lag: int
) -> tuple[tuple[int, int], ...]:
    """Return first sample and end of each displaced stretch of a wet recording.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples), at the same rate
        sample_rate: Hz
        lag: of nearly all of it, samples; positive where the wet is late

    Returns:
        in samples of the wet, rising; none where nothing is certain
    """
    first, second = (np.diff(audio, axis=1, prepend=0.0) for audio in (dry, wet))
    hop = round(HOP_SECONDS * sample_rate)
    size, length = round(FRAME_SECONDS / HOP_SECONDS) * hop, wet.shape[1]
    if length < 8 * size:
        return ()
    taps = common_filter(first, second, [(0, length, lag)])
    energies = _energies(first, second, taps, lag, hop, round(_CHUNK_SECONDS * sample_rate))
    played, heard, product = _frames(energies, size // hop)
    loud = np.minimum(heard / heard.mean(), played / max(played.mean(), 1e-30))
    sounding = loud > 10.0 ** (-QUIET_DB / 10.0)
    if np.count_nonzero(sounding) < 4 * LEAST_FRAMES:
        return ()
    here = np.maximum(product, 0.0) ** 2 / np.maximum(played * heard, 1e-30)
    typical = float(np.median(here[sounding]))
    level_db = 10.0 * np.log10(np.maximum(heard, 1e-30) / np.maximum(played, 1e-30))
    usual = np.abs(level_db - np.median(level_db[sounding])) <= MOST_LEVEL_DB
    doubtful = sounding & usual & (here <= MOST_HERE * LEAST_ELSEWHERE * typical)
    if typical < LEAST_TYPICAL or not doubtful.any():
        return ()
    lags = np.full(len(here), np.nan)
    reach = round(MOST_APART_SECONDS * sample_rate)
    for at in np.flatnonzero(doubtful):
        span = (int(at) * hop, int(at) * hop + size)
        share, apart = _elsewhere(first, second, taps, span, lag, reach)
        if share >= LEAST_ELSEWHERE * typical:
            lags[at] = apart
    found = merged(
        [
            _widened(first, second, taps, run, lag, round(WIDEST_SECONDS * sample_rate))
            for run in _runs(lags, hop, size)
        ]
    )
    share = sum(end - begin for begin, end in found) / length
    return tuple(found) if share <= MOST_SHARE else ()


def merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return rising spans (first sample, end) that do not touch each other, none before 0."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((max(begin, 0), end))
    return found


def _energies(dry: Array, wet: Array, taps: Numbers, lag: int, hop: int, chunk: int) -> Numbers:
    """Return ⟨p, p⟩, ⟨w, w⟩ and ⟨p, w⟩ of each hop, (3, hops); p is the filtered dry."""
    rows, step = [], chunk // hop * hop
    whole = wet.shape[1] // hop * hop
    for begin in range(0, whole, step):
        end = min(begin + step, whole)
        made = filtered(dry, taps, (begin, end), lag)
        there = wet[:, begin:end].astype(np.float64)
        products = [np.sum(a * b, axis=0) for a, b in ((made, made), (there, there), (made, there))]
        rows.append(np.stack([each.reshape(-1, hop).sum(axis=1) for each in products]))
    return np.concatenate(rows, axis=1)


def _frames(energies: Numbers, hops: int) -> Numbers:
    """Return the sums over so many hops that follow each other, (3, frames)."""
    total = np.cumsum(np.pad(energies, ((0, 0), (1, 0))), axis=1)
    return np.asarray(total[:, hops:] - total[:, :-hops])


def _elsewhere(
    dry: Array, wet: Array, taps: Numbers, span: tuple[int, int], lag: int, reach: int
) -> tuple[float, int]:
    """Return the greatest share that is explained at another lag, and that lag less the common."""
    begin, end = span
    made = filtered(dry, taps, (begin - reach, end + reach), lag)
    there = wet[:, begin:end].astype(np.float64)
    count = end - begin
    length = scipy.fft.next_fast_len(made.shape[1] + count, real=True)
    spectra = [scipy.fft.rfft(each, length) for each in (made, there)]
    cross = scipy.fft.irfft((spectra[0] * spectra[1].conj()).sum(axis=0), length)[: 2 * reach + 1]
    total = np.cumsum(np.pad(np.sum(made**2, axis=0), (1, 0)))
    power = total[count:] - total[:-count]
    shares = np.maximum(cross, 0.0) ** 2 / np.maximum(power * np.sum(there**2), 1e-30)
    at = int(shares.argmax())
    return float(shares[at]), reach - at


def _runs(lags: Numbers, hop: int, size: int) -> list[tuple[int, int, int]]:
    """Return first sample, end and lag of frames at one lag that follow each other."""
    found, begin = [], 0
    for at in range(1, len(lags) + 1):
        if at < len(lags) and abs(lags[at] - lags[begin]) <= TOLERANCE_SAMPLES:
            continue
        if np.isfinite(lags[begin]) and at - begin >= LEAST_FRAMES:
            apart = round(float(np.median(lags[begin:at])))
            found.append((begin * hop, (at - 1) * hop + size, apart))
        begin = at
    return found


def _widened(
    dry: Array, wet: Array, taps: Numbers, run: tuple[int, int, int], lag: int, reach: int
) -> tuple[int, int]:
    """Return where a displaced stretch begins and ends: where the errors change places.

    From its middle to either side it goes until the sum of the error at the common lag less that
    at its own has nearly reached its maximum.
    """
    begin, end, apart = run
    low, high, middle = max(begin - reach, 0), min(end + reach, wet.shape[1]), (begin + end) // 2
    errors = [squared_error(dry, wet, taps, (low, high), each) for each in (lag, lag + apart)]
    gain = errors[0] - errors[1]
    before = np.cumsum(gain[: middle - low][::-1])
    after = np.cumsum(gain[middle - low :])
    reached = [int(np.argmax(each >= NEARLY * each.max())) for each in (before, after)]
    return middle - 1 - reached[0], middle + 1 + reached[1]
