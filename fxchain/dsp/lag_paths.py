"""Delays that move as a sine does, found in the correlation of short blocks.

R[b, l] is the response of block b, deconvolved, at a lag of l samples, both signals whitened, less
its mean over the blocks: what does not move is not in it. A copy whose delay moves is a path of
large values, whose sum is looked for over a grid of swings, phases and centres, with blurred lags,
and then refined with less and less blur.

Source: P. Hough's transform, 1962, of a sine with a known period.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.optimize
import scipy.signal
from numpy.typing import NDArray

from fxchain.dsp.compilation_cache import CACHED

Vector = NDArray[np.float64]

#: The signals are compared at about this rate, Hz, in blocks of so many samples.
COARSE_RATE, BLOCK = 22_050, 512
#: Longest delay, s, and the blur of the grid, s; then those of the refinement.
LONGEST, BLUR, FINER_BLURS = 0.062, 2.5e-4, (1.5e-4, 6e-5, 0.0)
#: Parts of a period, phases, and swings of the grid.
PARTS, PHASES, SWINGS = 48, 36, 32
#: So many of the best on the grid are refined.
REFINED = 5
#: Largest swing, s, and the least delay.
WIDEST, LEAST = 0.010, 0.001
#: Whitening is that of a spectrum smoothed over so many Hz.
SMOOTHED_HZ = 60.0
#: The spectrum of a block is smoothed over so many bins, and has this share of its mean at least.
SMOOTHED_BINS, LEAST_POWER = 9, 1e-2


@dataclass(frozen=True)
class LagPath:
    """A delay centre + swing·sin(2π·rate·t + phase − π), t from the start of the recording.

    Attributes:
        rate_hz: of the sine
        phase: rad
        swing: s
        centre: s
        score: the larger the more likely
    """

    rate_hz: float
    phase: float
    swing: float
    centre: float
    score: float


def lag_paths(
    dry: Vector, wet: Vector, sample_rate: int, first_sample: int, rates_hz: Sequence[float]
) -> list[LagPath]:
    """Return a path for each rate, the most likely first.

    Args:
        dry: (samples,)
        wet: (samples,)
        sample_rate: Hz
        first_sample: position of the signals in the recording
        rates_hz: near which a path is looked for
    """
    down = max(sample_rate // COARSE_RATE, 1)
    rate = sample_rate / down
    x, y = (_whitened(scipy.signal.resample_poly(each, 1, down), rate) for each in (dry, wet))
    lags, middles = _correlations(x, y, round(LONGEST * rate))
    if len(lags) < 8:
        return []
    times = np.asarray(middles / rate + first_sample / sample_rate, np.float64)
    grid = _grid(lags, rate)
    found = [_best_on_grid(grid, rate, times, hertz) for hertz in rates_hz]
    found.sort(key=lambda path: -path.score)
    refined = [_refined(lags, rate, times, path) for path in found[:REFINED]]
    refined.sort(key=lambda path: -path.score)
    return [path for n, path in enumerate(refined) if not any(_near(path, p) for p in refined[:n])]


def _near(one: LagPath, other: LagPath) -> bool:
    apart = abs(one.centre - other.centre) + abs(one.swing - other.swing)
    return abs(one.rate_hz - other.rate_hz) < 1e-2 * one.rate_hz and apart < BLUR


def _whitened(signal: Vector, rate: float) -> Vector:
    spectrum = np.fft.rfft(signal)
    power = np.abs(spectrum) ** 2
    width = max(round(SMOOTHED_HZ * len(signal) / rate), 1)
    smooth = scipy.ndimage.uniform_filter1d(power, width)
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(smooth + 1e-4 * smooth.max()), len(signal)))


def _correlations(x: Vector, y: Vector, longest: int) -> tuple[Vector, Vector]:
    """Return R, (blocks, longest), and the middle of each block, samples.

    Each block of the wet is deconvolved by the spectrum of what the dry was before it, smoothed:
    tones that stand out in a block alone would be large at many lags.
    """
    hop = BLOCK // 2
    begins = np.arange(0, len(y) - BLOCK, hop)
    middles = np.asarray(begins + 0.5 * (BLOCK - 1), np.float64)
    if not len(begins):
        return np.zeros((0, longest)), middles
    size = int(scipy.fft.next_fast_len(longest + 2 * BLOCK, real=True))
    windows = np.lib.stride_tricks.sliding_window_view
    before = windows(np.concatenate([np.zeros(longest), x]), longest + BLOCK)[begins]
    now = windows(y, BLOCK)[begins] * np.hanning(BLOCK)
    past = scipy.fft.rfft(before, size, axis=1)
    power = scipy.ndimage.uniform_filter1d(np.abs(past) ** 2, SMOOTHED_BINS, axis=1)
    power += LEAST_POWER * (power.mean(axis=1, keepdims=True) + 0.1 * power.mean())
    rows = scipy.fft.irfft(past.conj() * scipy.fft.rfft(now, size, axis=1) / power, size, axis=1)
    # now(t) meets before(t + longest - lag)
    lags = rows[:, (np.arange(longest) - longest) % size]
    lags *= np.linalg.norm(now, axis=1, keepdims=True)
    return np.asarray(lags - lags.mean(axis=0)), middles


def _grid(lags: Vector, rate: float) -> Vector:
    return np.asarray(scipy.ndimage.gaussian_filter1d(lags, BLUR * rate, axis=1))


def _best_on_grid(blurred: Vector, rate: float, times: Vector, hertz: float) -> LagPath:
    parts = np.floor(times * hertz % 1.0 * PARTS).astype(int) % PARTS
    step = max(round(0.75 * BLUR * rate), 1)
    thinned = blurred[:, ::step]
    sums = np.zeros((PARTS, thinned.shape[1]))
    np.add.at(sums, parts, thinned)
    low = int(np.ceil(LEAST * rate / step))
    swings = np.linspace(WIDEST / SWINGS, WIDEST, SWINGS)
    swing, phase, place, total = _largest_sum(sums, swings * rate / step, PHASES, low)
    angle = 2.0 * np.pi * phase / PHASES
    return LagPath(hertz, angle, float(swings[swing]), place * step / rate, float(total))


@numba.njit(cache=CACHED, nogil=True)
def _largest_sum(sums, swings, phases, low):  # type: ignore[no-untyped-def]
    """Return the number of the swing, that of the phase, the centre and the sum of the best path.

    `sums` is (parts of a period, lags); `swings` and the centre are in lags, `low` is the least.
    """
    parts, lags = sums.shape
    total, moved = np.empty(lags), np.empty(parts, np.int64)
    best = (0, 0, low, -np.inf)
    for number in range(len(swings)):
        for phase in range(phases):
            for part in range(parts):
                angle = 2.0 * np.pi * ((part + 0.5) / parts + phase / phases - 0.5)
                moved[part] = int(np.rint(swings[number] * np.sin(angle)))
            total[:] = 0.0
            for part in range(parts):
                for centre in range(low, lags):
                    place = max(centre + moved[part], low)
                    if place < lags:
                        total[centre] += sums[part, place]
            for centre in range(low, lags):
                if total[centre] > best[3]:
                    best = (number, phase, centre, total[centre])
    return best


def _refined(lags: Vector, rate: float, times: Vector, path: LagPath) -> LagPath:
    rows, middle = np.arange(len(lags)), float(np.mean(times))
    span = float(times[-1] - times[0])
    # the phase in the middle hardly depends on the rate
    knobs = np.array(
        [0.0, path.phase + 2.0 * np.pi * path.rate_hz * middle, path.swing, path.centre]
    )
    scales = np.array([0.1 / span, 0.1, 1.5e-4, 1.5e-4])

    for blur in FINER_BLURS:
        there = scipy.ndimage.gaussian_filter1d(lags, blur * rate, axis=1) if blur else lags

        def negative(
            at: Vector, there: Vector = there, around: Vector = knobs, scales: Vector = scales
        ) -> float:
            shift, phase, swing, centre = around + at * scales
            angles = 2.0 * np.pi * (path.rate_hz + shift) * (times - middle) + phase
            place = np.maximum(centre + swing * np.sin(angles - np.pi), LEAST) * rate
            place = np.clip(place, 0.0, lags.shape[1] - 2.0)
            whole = place.astype(int)
            part = place - whole
            picked = (1.0 - part) * there[rows, whole] + part * there[rows, whole + 1]
            return -float(np.sum(picked))

        simplex = np.vstack([np.zeros(4), np.eye(4)])
        options = {"initial_simplex": simplex, "maxfev": 400, "xatol": 1e-3, "fatol": 1e-6}
        found = scipy.optimize.minimize(
            negative, np.zeros(4), method="Nelder-Mead", options=options
        )
        knobs, score = knobs + found.x * scales, -float(found.fun)
        scales = 0.5 * scales
    hertz = path.rate_hz + knobs[0]
    phase = (knobs[1] - 2.0 * np.pi * hertz * middle) % (2.0 * np.pi)
    return LagPath(float(hertz), float(phase), float(knobs[2]), float(knobs[3]), score)
