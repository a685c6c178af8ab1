"""The drift between the clocks of two recordings.

Two converters, or a tape machine, have slightly different sample rates, so that the lag grows
linearly over the recording. It is measured in short windows, and a straight line is fitted to it;
where samples were lost as well, parallel lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
import soxr
from numpy.typing import NDArray

from fxchain.alignment.drifting_track import drifting_track

Array = NDArray[np.float32]
Numbers = NDArray[np.float64]

#: Largest drift that is looked for, parts per million.
MOST_PPM = 2_000.0
#: A line is certain when so many windows, and so large a share of those with sound, lie near it …
LEAST_WINDOWS, LEAST_SHARE = 8, 0.5
#: … as near as this on average, s, and this share of what the lag changes inside a window, …
MOST_SCATTER_SECONDS, MOST_SCATTER_SHARE = 30e-6, 0.25
#: … and when so large a share of the windows has its highest correlation there, of all lags (of
#: unrelated recordings 0 to 0.2, of drawn chains 0.8), …
LEAST_HIGHEST = 0.4
#: … and when the lag changes by so much from the first window to the last, s, and by so many of
#: its standard errors: 1.4826 s T/√Σ(t − t̄)² for a median absolute deviation of s, a length of T
#: and windows at t, t̄ that of their line, …
LEAST_CHANGE_SECONDS, LEAST_ERRORS = 60e-6, 5.0
#: … and this share of the bands sounds in both halves. Those of a sweep have none in common: that
#: a filter delays one band more than another looks like a drift.
LEAST_SHARED_BANDS = 0.3

_WINDOW_SECONDS = 0.5
_MOST_WINDOWS = 240
# The lag of a window may differ this much from that of the whole, s, besides the drift: by jumps.
_DEVIATION_SECONDS = 0.045
_FARTHEST_SECONDS = 0.06
# Windows farther from their first line than this, s, are left out.
_NEAR_SECONDS = 0.001
_OVERSAMPLING = 4
_BANDS = 60
_SHARP = 3.0


@dataclass(frozen=True)
class ClockDrift:
    """A straight line fitted to the lags.

    Attributes:
        ppm: parts per million by which the wet is longer than the dry
        change_samples: of the lag, from the first window to the last
        scatter_samples: median absolute deviation of the windows from the line
        certain: the windows agree, and the change is larger than filters cause
        steady: the windows agree, however small the change is
    """

    ppm: float
    change_samples: float
    scatter_samples: float
    certain: bool
    steady: bool


def measure_drift(dry: Array, wet: Array, sample_rate: float, lag: int) -> ClockDrift | None:
    """Fit a line to the lag between two recordings over time.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples), at the same rate
        sample_rate: Hz
        lag: of the whole recording, samples; positive where the wet is late

    Returns:
        the line, or None where the recordings are too short or too quiet for one

    Source:
        the lag of a window is the peak of the cross-correlation of C. H. Knapp and G. C. Carter,
        "The generalized correlation method for estimation of time delay" (1976), with the phase
        transform; the line's slope is the median of Theil (1950) and Sen (1968).
    """
    start, stop = max(0, -lag), min(dry.shape[1], wet.shape[1] - lag)
    first, second = dry[:, start:stop], wet[:, start + lag : stop + lag]
    reach = _reach(stop - start, sample_rate)
    times, heights = _correlations(first, second, sample_rate, reach)
    if len(times) < LEAST_WINDOWS:
        return None
    step = 1.0 / _OVERSAMPLING
    track = drifting_track(times, heights, _OVERSAMPLING * sample_rate, 1e-6 * MOST_PPM)
    lags, sharp = _peaks_near(heights, track.expected / _OVERSAMPLING, _NEAR_SECONDS * sample_rate)
    moments, found, piece = times[sharp], lags[sharp], track.piece[sharp]
    if len(moments) < LEAST_WINDOWS or len(np.unique(piece)) > len(piece) // 2:
        return None
    slope = _median_slope(moments, found, piece)
    rest = _about_medians(found - slope * moments, piece)
    scatter = float(np.median(np.abs(rest)))
    change = float(slope * (times[-1] - times[0]))
    spread = float(np.linalg.norm(_about_medians(moments, piece)))
    error = 1.4826 * scatter * float(times[-1] - times[0]) / max(spread, 1e-9)
    inside = MOST_SCATTER_SHARE * abs(slope) * _WINDOW_SECONDS
    allowed = MOST_SCATTER_SECONDS * sample_rate + inside
    near = np.abs(rest) <= max(3.0 * scatter, 2.0 * step)
    steady = (
        np.count_nonzero(near) >= max(LEAST_WINDOWS, LEAST_SHARE * len(times))
        and scatter <= allowed
        and np.mean(np.abs(_highest(heights)[sharp] - found) <= 1.0) >= LEAST_HIGHEST
        and _shared_bands(first, times, sample_rate) >= LEAST_SHARED_BANDS
    )
    least = max(LEAST_CHANGE_SECONDS * sample_rate, LEAST_ERRORS * error)
    certain = steady and abs(change) >= least
    return ClockDrift(1e6 * slope / sample_rate, change, scatter, bool(certain), bool(steady))


def without_drift(wet: Array, ppm: float) -> Array:
    """Return a recording resampled so that the drift is gone; its first sample stays.

    Args:
        wet: (channels, samples)
        ppm: the drift, see `ClockDrift`

    Returns:
        (channels, other samples)
    """
    frames = soxr.resample(np.ascontiguousarray(wet.T), 1.0 + 1e-6 * ppm, 1.0, quality="VHQ")
    return np.ascontiguousarray(frames.T, dtype=np.float32)


def _reach(samples: int, sample_rate: float) -> int:
    """Return by how much the lag of a window may differ from that of the whole, samples."""
    seconds = _DEVIATION_SECONDS + 1e-6 * MOST_PPM * samples / sample_rate
    return max(2, round(min(seconds, _FARTHEST_SECONDS) * sample_rate))


def _correlations(
    dry: Array, wet: Array, sample_rate: float, reach: int
) -> tuple[Numbers, NDArray[np.float32]]:
    """Return times of windows with sound, s, and oversampled correlations (windows, lags)."""
    size = round(_WINDOW_SECONDS * sample_rate)
    count = min(_MOST_WINDOWS, max(0, 2 * dry.shape[1] // size - 1))
    if count == 0:
        return np.empty(0), np.empty((0, 0), np.float32)
    window = np.hanning(size).astype(np.float32)
    length = scipy.fft.next_fast_len(size + reach, real=True)
    least = 1e-3 * float(np.sqrt(np.mean(wet**2, dtype=np.float64)))
    times, heights = [], []
    for begin in np.linspace(0, dry.shape[1] - size, count).astype(int):
        parts = [audio[:, begin : begin + size] * window for audio in (dry, wet)]
        if not all(np.any(part) for part in parts) or np.std(parts[1]) < least:
            continue
        spectra = [scipy.fft.rfft(part, length) for part in parts]
        cross = (spectra[0].conj() * spectra[1]).sum(axis=0)
        cross /= np.abs(cross) + max(1e-3 * float(np.abs(cross).max()), 1e-30)
        around = scipy.fft.irfft(cross, length * _OVERSAMPLING)
        far = reach * _OVERSAMPLING
        height = np.abs(np.concatenate([around[-far:], around[: far + 1]]))
        times.append((begin + size / 2) / sample_rate)
        heights.append(height / max(float(np.median(height)), 1e-30))
    return np.array(times), np.array(heights, dtype=np.float32)


def _shared_bands(audio: Array, times: Numbers, sample_rate: float) -> float:
    """Return how many bands sound in both halves of the time, as a share of those in either."""
    half = _WINDOW_SECONDS / 2
    first, middle, last = (
        max(0, round(at * sample_rate))
        for at in (times[0] - half, (times[0] + times[-1]) / 2, times[-1] + half)
    )
    edges: Numbers = np.geomspace(30.0, sample_rate / 2.0, _BANDS + 1)
    sounding = []
    for part in (audio[:, first:middle], audio[:, middle:last]):
        power = np.square(np.abs(scipy.fft.rfft(part))).sum(axis=0)
        total = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
        at = np.clip((edges * part.shape[1] / sample_rate).astype(int), 0, len(power))
        bands = np.diff(total[at])
        sounding.append(bands >= 1e-4 * bands.max())
    both, either = (int(np.sum(each)) for each in (np.all(sounding, 0), np.any(sounding, 0)))
    return both / max(either, 1)


def _highest(heights: NDArray[np.float32]) -> Numbers:
    """Return the lag at which each window's correlation is highest, (windows,) samples."""
    return (heights.argmax(axis=1) - heights.shape[1] // 2) / _OVERSAMPLING


def _peaks_near(
    heights: NDArray[np.float32], expected: Numbers, near: float
) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the lag of each window's peak near the expected one, and whether it is distinct."""
    half = heights.shape[1] // 2
    lags, sharp = np.zeros(len(heights)), np.zeros(len(heights), bool)
    for number, (height, lag) in enumerate(zip(heights, expected, strict=True)):
        low = int(np.clip(half + (lag - near) * _OVERSAMPLING, 0, len(height) - 1))
        high = int(np.clip(half + (lag + near) * _OVERSAMPLING + 1, low + 1, len(height)))
        top = low + int(height[low:high].argmax())
        lags[number] = (top - half + _vertex(height, top)) / _OVERSAMPLING
        sharp[number] = height[top] >= _SHARP and low < top < high - 1
    return lags, sharp


def _median_slope(times: Numbers, lags: Numbers, piece: NDArray[np.intp]) -> float:
    """Return the median slope of all pairs of windows of one piece."""
    first, second = np.triu_indices(len(times), 1)
    same = piece[first] == piece[second]
    first, second = first[same], second[same]
    return float(np.median((lags[second] - lags[first]) / (times[second] - times[first])))


def _about_medians(values: Numbers, piece: NDArray[np.intp]) -> Numbers:
    """Return values less the median of those of their piece."""
    centres = np.array([np.median(values[piece == each]) for each in piece])
    return values - centres


def _vertex(height: NDArray[np.float32], top: int) -> float:
    """Return where the parabola through a peak and its neighbours is highest, from -1/2 to 1/2."""
    if not 0 < top < len(height) - 1:
        return 0.0
    before, peak, after = (float(each) for each in height[top - 1 : top + 2])
    bend = before - 2.0 * peak + after
    return 0.0 if bend >= 0.0 else float(np.clip((before - after) / (2.0 * bend), -0.5, 0.5))
