"""Where a dry recording begins inside a wet one.

Two steps, each good at what the other is not:

1. **Candidates.** Both recordings are whitened over frequency and then levelled over time, so
   that neither the loudest band nor the loudest note decides. The dry is then divided out of the
   cross-spectrum bin by bin and the colour of the wet only in broad bands: what remains looks
   like the impulse response from dry to wet, with its echoes where they are and none before the
   direct sound (dividing by the wet bin by bin, as the plain phase transform does, mirrors every
   echo to the time before it). Peaks of either sign count, and a peak that is the first of its
   kind counts most: it must stand well above all that comes shortly before it.
2. **Proof.** One short filter at each candidate, all solved together by least squares, tells how
   much of the wet's energy is lost without that candidate. A faint leak of the dry can make a
   sharp peak; it explains nothing. A bar that repeats, or a note that is held, is explained by
   its true place alone. The earliest candidate that matters is the lag.

Source:
    C. H. Knapp, G. C. Carter, "The generalized correlation method for estimation of time delay",
    IEEE Trans. ASSP 24 (1976), whose Roth processor divides by the spectrum of one side, as step
    1 does. Levelling over time, broad bands on the other side and step 2 are added here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from fxchain.metrics.energy import energy

Array = NDArray[np.float32]
Lags = NDArray[np.intp]

# Whitening: bands this wide, Hz, raised to at most this far below the loudest (power).
_BAND_HZ = 100.0
_BAND_FLOOR = 1e-4
# Levelling over time: a mean over this long, s, raised to at most this far below it (power).
_LEVEL_SECONDS = 0.05
_LEVEL_FLOOR = 1e-3
# The ends are faded over this long, s: two files cut at one sample share a click there.
_FADE_SECONDS = 0.01
# Division by the dry, relative to its broad band.
_DIVISION_FLOOR = 0.1
# A lag at which less than this share of the shorter recording overlaps is not considered.
_LEAST_OVERLAP = 0.2
# A candidate: at least this share of the highest peak, before it and after it …
_LEAST_HEIGHT = 0.3
_LEAST_HEIGHT_AFTER = 0.15
# … this many times what chance makes, and this many times everything in the seconds before it.
_ABOVE_CHANCE = 1.2
_ABOVE_BEFORE = 2.0
_BEFORE_SECONDS = 0.5
_PEAK_SECONDS = 0.0015
_CANDIDATES = 8
# Of the peaks of one sign that touch each other, the first that has this share of the highest.
_DIRECT_HEIGHT = 0.7
# The proof: a filter from this many samples before a candidate to this many after, and the share
# of the strongest candidate's energy that the direct sound must have (about -11 dB).
_TAPS_BEFORE = 8
_TAPS_AFTER = 40
_LEAST_ENERGY = 0.08
_RIDGE = 1e-3
# Longer recordings are judged by the loudest stretch of the dry.
_LONGEST_SECONDS = 60.0
_FARTHEST_SECONDS = 30.0


@dataclass(frozen=True)
class Response:
    """What looks like the impulse response from dry to wet.

    Attributes:
        lags: (lags,) samples, rising; positive where the wet is late
        height: (lags,) signed, arbitrary scale
        chance: the height that the highest of as many peaks of pure chance would have
    """

    lags: Lags
    height: Array
    chance: float

    def peak_near(self, lag: int, reach: int) -> int:
        """Index of the highest peak, of either sign, at most `reach` samples from a lag."""
        start = int(np.clip(lag - reach - self.lags[0], 0, len(self.lags) - 1))
        stop = int(np.clip(lag + reach + 1 - self.lags[0], start + 1, len(self.lags)))
        return start + int(np.abs(self.height[start:stop]).argmax())

    def lag_of_sign(self, lag: int, sign: int, reach: int) -> int:
        """Earliest lag near another, at most `reach` samples away, that is high with one sign."""
        near = np.flatnonzero(np.abs(self.lags - lag) <= reach)
        heights = sign * self.height[near]
        return int(self.lags[near[np.argmax(heights >= _DIRECT_HEIGHT * heights.max())]])


@dataclass(frozen=True)
class LagCandidate:
    """A lag at which the dry may begin.

    Attributes:
        lag: samples, positive where the wet is late
        height: signed height of its peak in the response
        energy: share of the wet's (whitened) energy, 0 … 1, that is lost without it
    """

    lag: int
    height: float
    energy: float


def respond(dry: Array, wet: Array, sample_rate: float) -> Response:
    """Divide the dry out of the wet, both whitened over frequency and levelled over time.

    Args:
        dry: (channels, samples), not silent
        wet: (channels, other samples), not silent
        sample_rate: Hz

    Returns:
        the response over every lag at which the two overlap enough
    """
    first, second, offset = stretches(dry, wet, sample_rate)
    first, second = _level(first, sample_rate), _level(second, sample_rate)
    length, cross, power_dry, power_wet = spectra(first, second)
    broad_dry = _broad(power_dry, length, sample_rate, 1e-6)
    broad_wet = _broad(power_wet, length, sample_rate, 1e-6)
    cross /= np.sqrt(broad_dry) * np.sqrt(broad_wet) * (power_dry / broad_dry + _DIVISION_FLOOR)
    lags = np.arange(1 - first.shape[1], second.shape[1])
    height = scipy.fft.irfft(cross, length)[lags % length]
    overlap = np.minimum(first.shape[1], second.shape[1] - lags) - np.maximum(0, -lags)
    kept = overlap >= _LEAST_OVERLAP * min(first.shape[1], second.shape[1])
    lags, height = lags[kept], height[kept]
    spread = float(np.median(np.abs(height))) / 0.6745
    return Response(lags + offset, height, spread * float(np.sqrt(2 * np.log(len(lags) + 1))))


def candidates(
    response: Response, dry: Array, wet: Array, sample_rate: float
) -> tuple[LagCandidate, ...]:
    """The lags at which the dry may begin, each with the energy that hangs on it.

    Args:
        response: of this dry and wet
        dry: (channels, samples)
        wet: (channels, other samples)
        sample_rate: Hz

    Returns:
        candidates by rising lag, at least one
    """
    index = _peaks(response, sample_rate)
    lags = response.lags[index]
    energy = _energies(dry, wet, sample_rate, lags)
    return tuple(
        LagCandidate(int(lag), float(response.height[i]), float(share))
        for i, lag, share in zip(index, lags, energy, strict=True)
    )


def earliest(found: tuple[LagCandidate, ...]) -> LagCandidate:
    """The direct sound: the earliest candidate on which enough energy hangs."""
    least = _LEAST_ENERGY * max(candidate.energy for candidate in found)
    return next(candidate for candidate in found if candidate.energy >= least)


def reach(sample_rate: float) -> int:
    """How far from a peak, in samples, is still the same peak."""
    return max(1, round(_PEAK_SECONDS * sample_rate))


def stretches(dry: Array, wet: Array, sample_rate: float) -> tuple[Array, Array, int]:
    """Return what is compared of two recordings.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples)
        sample_rate: Hz

    Returns:
        the loudest stretch of the dry and what lies around it in the wet, at unit level, with faded
        ends; and the lag between the two stretches' starts
    """
    longest, farthest = (
        round(_LONGEST_SECONDS * sample_rate),
        round(_FARTHEST_SECONDS * sample_rate),
    )
    start, wet_start = 0, 0
    if dry.shape[1] > longest:
        start = _loudest(dry, longest, reach(sample_rate))
    if max(dry.shape[1], wet.shape[1]) > longest + farthest:
        wet_start = min(max(0, start - farthest), max(0, wet.shape[1] - longest))
    first = dry[:, start : start + longest]
    second = wet[:, wet_start : start + longest + farthest]
    first, second = (part / _spread(part) for part in (first, second))
    faded = [part * _fade(part.shape[1], sample_rate) for part in (first, second)]
    # A recording that is nearly all in its first or last moments (an impulse) is left as it is.
    if all(np.sum(f**2) > 0.5 * np.sum(p**2) for f, p in zip(faded, (first, second), strict=True)):
        first, second = faded
    return first, second, wet_start - start


def _loudest(audio: Array, length: int, step: int) -> int:
    """Return the first sample, on a grid, of the stretch with the most energy."""
    size = audio.shape[1] // step * step
    total = np.cumsum([0.0, *(energy(audio[:, at : at + step]) for at in range(0, size, step))])
    steps = length // step
    return step * int(np.argmax(total[steps:] - total[:-steps]))


def _spread(part: Array) -> float:
    """Standard deviation; of what is nothing but an offset, a little of that."""
    return max(float(np.std(part)), 1e-2 * float(np.abs(part).max()), 1e-30)


def _fade(samples: int, sample_rate: float) -> Array:
    fade = np.ones(samples, np.float32)
    ends = min(round(_FADE_SECONDS * sample_rate), samples // 8)
    fade[:ends] = np.sin(np.linspace(0, np.pi / 2, ends)) ** 2
    fade[samples - ends :] = fade[:ends][::-1]
    return fade


def _broad(power: Array, length: int, sample_rate: float, floor: float) -> Array:
    """Power in broad bands, at least `floor` of the strongest band.

    Args:
        power: (bins,) of a transform of this length
        length: samples
        sample_rate: Hz
        floor: share of the strongest band

    Returns:
        (bins,)
    """
    width = max(3, int(_BAND_HZ * length / sample_rate) | 1)
    broad = np.maximum(uniform_filter1d(power, width, mode="nearest"), 0)
    return broad + max(floor * float(broad.max()), 1e-30)


def _level(audio: Array, sample_rate: float) -> Array:
    """Equal power in every broad band, then at every moment.

    Args:
        audio: (channels, samples)
        sample_rate: Hz

    Returns:
        (channels, samples)
    """
    length = scipy.fft.next_fast_len(audio.shape[1] + round(sample_rate / 10), real=True)
    spectrum = scipy.fft.rfft(audio, length)
    power = np.sum(np.abs(spectrum) ** 2, axis=0)
    spectrum /= np.sqrt(_broad(power, length, sample_rate, _BAND_FLOOR))
    white = scipy.fft.irfft(spectrum, length)[:, : audio.shape[1]]
    width = max(3, int(_LEVEL_SECONDS * sample_rate) | 1)
    level = np.maximum(uniform_filter1d(np.sum(white**2, axis=0), width), 0)
    level += max(_LEVEL_FLOOR * float(level.mean()), 1e-30)
    return (white / np.sqrt(level)).astype(np.float32)


def spectra(dry: Array, wet: Array) -> tuple[int, NDArray[np.complex64], Array, Array]:
    """Return transform length, cross-spectrum and both power spectra, summed over the channels.

    A channel whose cross-spectrum is opposed to that of the first strong channel counts upside
    down: otherwise a wet with one channel inverted would cancel in the sum.
    """
    length = scipy.fft.next_fast_len(dry.shape[1] + wet.shape[1], real=True)
    first, second = scipy.fft.rfft(dry, length), scipy.fft.rfft(wet, length)
    crosses = first.conj() * second
    size = np.linalg.norm(crosses, axis=1)
    strong = crosses[np.argmax(2 * size >= size.max())]
    signs = [-1 if np.vdot(strong, each).real < 0 else 1 for each in crosses]
    cross = np.tensordot(np.asarray(signs, np.float32), crosses, axes=1)
    return length, cross, np.sum(np.abs(first) ** 2, axis=0), np.sum(np.abs(second) ** 2, axis=0)


def _peaks(response: Response, sample_rate: float) -> Lags:
    """Indices, rising: first peaks of their kind, the highest of all, and the high ones after."""
    size = np.abs(response.height)
    near, before = reach(sample_rate), round(_BEFORE_SECONDS * sample_rate)
    top = int(size.argmax())
    chance = _ABOVE_CHANCE * response.chance
    high = np.flatnonzero((size == maximum_filter1d(size, 2 * near + 1)) & (size >= chance))
    first = [
        k
        for k in high[(high < top) & (size[high] >= _LEAST_HEIGHT * size[top])]
        if size[k] >= _ABOVE_BEFORE * size[max(0, k - before) : max(0, k - near)].max(initial=0)
    ]
    # A leak of the dry may be the highest and the first: what matters may lie after it.
    after = high[(high > top) & (size[high] >= _LEAST_HEIGHT_AFTER * size[top])]
    after = after[np.argsort(-size[after])][: _CANDIDATES // 2]
    return np.unique([*first[-_CANDIDATES:], top, *after]).astype(np.intp)


def _energies(dry: Array, wet: Array, sample_rate: float, lags: Lags) -> NDArray[np.float64]:
    """The share of the wet's energy that is lost when one candidate's filter is taken away.

    Least squares over all filters at once, on dry and wet seen through one and the same filter
    that flattens the wet. With the normal matrix R, solution w and inverse V, taking block k away
    costs w_k' (V_kk)^-1 w_k.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples)
        sample_rate: Hz
        lags: (candidates,) samples

    Returns:
        (candidates,) each 0 … 1
    """
    first, second, offset = stretches(dry, wet, sample_rate)
    length, cross, power_dry, power_wet = spectra(first, second)
    flat = 1 / _broad(power_wet, length, sample_rate, _BAND_FLOOR)
    auto = scipy.fft.irfft(power_dry * flat, length).astype(np.float64)
    both = scipy.fft.irfft(cross * flat, length).astype(np.float64)
    whole = float(scipy.fft.irfft(power_wet * flat, length)[0])
    size = _TAPS_BEFORE + _TAPS_AFTER
    taps = (lags[:, None] - offset + np.arange(-_TAPS_BEFORE, _TAPS_AFTER)).ravel()
    matrix = auto[(taps[:, None] - taps) % length]
    inverse = np.linalg.inv((matrix + matrix.T) / 2 + _RIDGE * auto[0] * np.eye(len(taps)))
    solution = (inverse @ both[taps % length]).reshape(-1, size)
    blocks = inverse.reshape(len(lags), size, len(lags), size)
    shares = [
        float(part @ np.linalg.solve(blocks[k, :, k], part)) / whole
        for k, part in enumerate(solution)
    ]
    return np.clip(shares, 0, 1)
