"""The lag at which a dry recording begins in a wet one, in two steps:

1. **Candidates.** Both recordings are whitened over frequency and then levelled over time, so
   that neither the loudest band nor the loudest note decides. The dry is then divided out of the
   cross-spectrum bin by bin and the colour of the wet only in broad bands: what remains looks
   like the impulse response from dry to wet, with its echoes where they are and none before the
   direct sound (dividing by the wet bin by bin, as the plain phase transform does, mirrors every
   echo to the time before it). Peaks of either sign count, and a peak that is the first of its
   kind counts most: it must stand well above all that comes shortly before it.
2. **Verification.** One short filter at each candidate, all solved together by least squares,
   tells how much of the wet's energy is lost without that candidate. A faint leak of the dry can
   make a sharp peak; it explains nothing. A bar that repeats, or a note that is held, is
   explained at its true lag alone. The earliest candidate that matters is the lag.

Source:
    C. H. Knapp, G. C. Carter, "The generalized correlation method for estimation of time delay",
    IEEE Trans. ASSP 24 (1976), whose Roth processor divides by the spectrum of one side, as step
    1 does. Levelling over time, broad bands on the other side and step 2 are added here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from fxchain.alignment.deconvolution import deconvolved, height_of_chance
from fxchain.alignment.explained_energy import Lags, explained_energies
from fxchain.alignment.whitening import Array, stretches, whitened

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
# The direct sound has at least this share of the strongest candidate's energy (-13 dB): that of an
# echo with a mix of 80 % has 0.06, the largest leak in recordings of known latency 0.04.
_LEAST_ENERGY = 0.05
# … and so much where its echoes say so; a bar that repeats explains nothing. Without them it may be
# the direct sound of an echo so much later, s; nearer it may be a leak, or part of a filter.
_FAINT_ENERGY, _ECHO_SECONDS = 0.01, 0.02
#: A latency of a sound that is not there is believed up to this, s: that of interfaces.
LONGEST_UNHEARD_SECONDS = 0.25
#: Echoes lie this exactly at multiples of their spacing, samples.
ECHO_TOLERANCE = 4


@dataclass(frozen=True)
class Response:
    """An estimate of the impulse response from dry to wet.

    Attributes:
        lags: (lags,) samples, rising; positive where the wet is late
        height: (lags,) signed, arbitrary scale
        chance: the expected height of the highest peak of unrelated recordings
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
    first, second = whitened(first, sample_rate), whitened(second, sample_rate)
    height, lags = deconvolved(first, second, sample_rate)
    overlap = np.minimum(first.shape[1], second.shape[1] - lags) - np.maximum(0, -lags)
    kept = overlap >= _LEAST_OVERLAP * min(first.shape[1], second.shape[1])
    lags, height = lags[kept], height[kept]
    return Response(lags + offset, height, height_of_chance(height))


def candidates(
    response: Response, dry: Array, wet: Array, sample_rate: float
) -> tuple[LagCandidate, ...]:
    """Return the lags at which the dry may begin, each with the energy that it explains.

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
    energy = explained_energies(dry, wet, sample_rate, lags)
    return tuple(
        LagCandidate(int(lag), float(response.height[i]), float(share))
        for i, lag, share in zip(index, lags, energy, strict=True)
    )


def earliest(found: tuple[LagCandidate, ...]) -> LagCandidate:
    """Return the direct sound: the earliest candidate that explains enough energy.

    One that lies as far before that as an echo lies behind it is the direct sound of the same
    echoes, though they are louder.
    """
    most = max(candidate.energy for candidate in found)
    first = next(candidate for candidate in found if candidate.energy >= _LEAST_ENERGY * most)
    spacings = echo_spacings(found, first)
    for candidate in found:
        before = first.lag - candidate.lag
        faint = candidate.energy >= _FAINT_ENERGY * most
        if before > 0 and faint and any(abs(before - s) <= ECHO_TOLERANCE for s in spacings):
            return candidate
    return first


def echo_spacings(found: tuple[LagCandidate, ...], first: LagCandidate) -> list[int]:
    """Return how far behind a candidate the ones lie that may be its echoes, samples."""
    return [candidate.lag - first.lag for candidate in found if candidate.lag > first.lag]


def unheard_direct(
    found: tuple[LagCandidate, ...], first: LagCandidate, sample_rate: float
) -> int | None:
    """Return the lag of a direct sound that is not there, or faint, where all may be echoes of it.

    An effect that is fully wet has its first echo where the others' spacing says; so has a latency
    that happens to be longer than the spacing of the echoes behind it. Of one that is nearly wet a
    faint sound lies before it; so does a leak.

    Returns:
        samples, not negative; None where the first sound can be no echo
    """
    least = _FAINT_ENERGY * max(candidate.energy for candidate in found)
    latest = first.lag - _ECHO_SECONDS * sample_rate
    for candidate in found:
        if 0 <= candidate.lag <= latest and candidate.energy >= least:
            return candidate.lag
    later = echo_spacings(found, first)
    if not later:
        return None
    missing = first.lag - min(later)
    longest = LONGEST_UNHEARD_SECONDS * sample_rate
    return missing if -ECHO_TOLERANCE <= missing <= longest else None


def reach(sample_rate: float) -> int:
    """Return the half-width of a peak, samples."""
    return max(1, round(_PEAK_SECONDS * sample_rate))


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
