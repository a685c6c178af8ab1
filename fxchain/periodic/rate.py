"""The rate of a periodic change, by the error that a short periodic filter leaves.

Candidates come from the spectrum of movement: a change that is no sine has harmonics, so the sum
over multiples of a frequency says more than its own share. What a candidate explains is measured
on parts of the recording to which the filter was not fitted, at a low sample rate; a rate below
the true one would explain what was fitted as well, but not those. Last, the rates beside the best
must explain much less.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from fxchain.evidence.movement import HIGHEST_HZ, LOWEST_HZ, movement_spectrum
from fxchain.periodic.cross_validation import CrossValidation, Size
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.turning_part import TurningPart

#: The recordings are compared at about this rate, Hz, and the loudest part of so many seconds.
COARSE_RATE, COARSE_SECONDS = 6_000, 8.0
#: A period must be seen this often.
PERIODS = 1.0
#: Multiples of a rate whose shares are added, and how many candidates are compared.
MULTIPLES, CANDIDATES = 4, 24
#: Candidates are no nearer than this share of 1/duration, which is also the first step of the
#: refinement; its steps are halved so often.
NEAREST, HALVINGS = 0.1, 6
#: Harmonics, length, s, and ridge of the filter.
HARMONICS, FILTER_SECONDS, RIDGE = 4, 0.008, 1e-2
#: The refinement has more harmonics.
FINE_HARMONICS = 8
#: So many times the rate is compared. The fastest is taken that explains at most this share less of
#: what a filter leaves that does not change.
TIMES, LESS = (1 / 3, 1 / 2, 2, 3), 0.05
#: A rate that is off by half a period in the whole recording must leave this much more. It does not
#: where a filter changes slowly, but not periodically, as the gain of a drive while notes decay.
SHARPNESS = 2.0


def find_rate(part: MeasuredPart) -> float | None:
    """Return the rate of change that explains most of the wet, Hz; None where there is none.

    The filters of its channels may change differently.
    """
    part = part.loudest(COARSE_SECONDS)
    seconds = part.seconds
    candidates = rate_candidates(part)
    if not candidates:
        return None
    coarse = coarse_part(part)

    def error_of(harmonics: int) -> Callable[[float], float]:
        size = coarse_size(harmonics, coarse.sample_rate)

        @cache
        def error(hertz: float) -> float:
            turning = TurningPart(coarse, hertz)
            return CrossValidation([turning], size.harmonics, size.taps).error(size)

        return error

    error = error_of(HARMONICS)
    step = NEAREST / seconds
    around = sorted(candidates, key=error)[:3]
    near = [hertz + shift * step for hertz in around for shift in (-0.5, 0.0, 0.5)]
    best = min(near, key=error)
    fine = error_of(FINE_HARMONICS)

    def refined(hertz: float) -> float:
        for halving in range(HALVINGS):
            width = 0.5 * step / 2.0**halving
            hertz = min((hertz - width, hertz, hertz + width), key=fine)
        return hertz

    # few harmonics may prefer a multiple, and of a part the higher harmonics explain the same
    best, still = refined(best), error_of(0)(best)
    lowest = max(LOWEST_HZ, PERIODS / seconds)
    for _ in TIMES:  # a sixth takes two
        tried = [best, *(n * best for n in TIMES if lowest <= n * best <= HIGHEST_HZ)]
        least = min(map(fine, tried))
        alike = least + LESS * max(still - least, 0.0)
        best = max(each for each in tried if fine(each) <= alike)
    best = refined(best)
    beside = min(fine(best + shift / seconds) for shift in (-0.5, 0.5))
    return best if beside > SHARPNESS * fine(best) else None


def coarse_part(part: MeasuredPart) -> MeasuredPart:
    """Return a part at the sample rate at which rates and phases are compared."""
    return part.slower(max(round(part.sample_rate) // COARSE_RATE, 1))


def coarse_size(harmonics: int, sample_rate: float) -> Size:
    """Return the size of the filters of a comparison."""
    return Size(harmonics, max(round(FILTER_SECONDS * sample_rate), 8), RIDGE)


def rate_candidates(part: MeasuredPart) -> Sequence[float]:
    """Return rates whose multiples explain most, Hz."""
    spectra = [movement_spectrum(wet, dry, part.sample_rate) for dry, wet in part.channels()]
    frequencies, shares = spectra[0][0], np.sum([each for _, each in spectra], axis=0)
    if not len(frequencies):
        return []
    seconds = part.seconds
    low = max(LOWEST_HZ, PERIODS / seconds)
    above = shares - np.median(shares[frequencies <= HIGHEST_HZ])
    grid = np.arange(low, HIGHEST_HZ, NEAREST / seconds)
    orders = np.arange(1, MULTIPLES + 1)[:, None]
    summed = np.sum(np.interp(orders * grid, frequencies, above, right=0.0), axis=0)
    found: list[float] = []
    for at in np.argsort(-summed):
        if all(abs(grid[at] - other) > 1.5 * NEAREST / seconds for other in found):
            found.append(float(grid[at]))
        if len(found) == CANDIDATES:
            break
    return found
