"""Delay times of plug-ins of other makers: where they are heard, and their slopes.

With y∞ what a chain plays while an echo lies beyond the excerpt, the change e = y − y∞ is the echo
alone, filtered as the plug-in filters it. Another delay time moves it: where e, moved, explains
most of what y∞ leaves of the wet, an echo is heard. An echo that a low-pass filter has made dull,
which deconvolution does not see, is found so too.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft

from fxchain.matching.search.delay_reverb_evolution import delay_position, delay_samples
from fxchain.objectives.mean_error import AnyObjective, MeanError
from fxchain.optim.dense_linearization import DenseLinearization

#: Settings that are drawn for a delay, and times that are taken of each.
DRAWN, PEAKS = 16, 3
#: Times differ by so much at least, s.
APART_SECONDS = 3e-3
#: A change of less than such a share of the energy is no echo, and of an echo so much must lie
#: inside the excerpt.
_SILENT, _INSIDE = 1e-6, 0.1


@dataclass(frozen=True, eq=False)
class HeardDelay:
    """A delay time at which an echo is heard.

    Attributes:
        samples: the time
        share: of the energy that is left without it, which it explains
        cube: (dimension,), the settings whose echo it is, at that time; how loud it is, and all
            that is not the echo, is as it was drawn
    """

    samples: int
    share: float
    cube: np.ndarray


def heard_delays(objective: AnyObjective, seed: int, count: int) -> list[HeardDelay]:
    """Return delay times at which echoes of random settings explain most of the wet.

    Args:
        objective: of the chain
        seed: of the random numbers
        count: how many at most

    Returns:
        the highest share first
    """
    rng, found = np.random.default_rng(seed), list[HeardDelay]()
    for coordinate in objective.quantized_indices():
        for _ in range(DRAWN):
            cube = rng.uniform(size=len(objective.slots))
            found += _heard(objective, cube, int(coordinate))
    apart, kept = APART_SECONDS * objective.sample_rate, list[HeardDelay]()
    for each in sorted(found, key=lambda heard: -heard.share):
        if all(abs(each.samples - other.samples) >= apart for other in kept):
            kept.append(each)
    return kept[:count]


def _heard(objective: AnyObjective, cube: np.ndarray, coordinate: int) -> list[HeardDelay]:
    """Return times of one delay, other knobs as they are."""
    beyond, middle = cube.copy(), cube.copy()
    beyond[coordinate], middle[coordinate] = 1.0, 0.5
    wet = objective.target.astype(np.float64)
    without = objective.residual(beyond) + wet
    echo = objective.residual(middle) + wet - without
    power = max(float(without @ without), 1e-20)
    echo -= (echo @ without) / power * without
    wanted = wet - (wet @ without) / power * without
    if not np.isfinite(power) or not float(echo @ echo) > _SILENT * power:
        return []
    longest, inside, products = _correlated(objective, echo, wanted)
    here = delay_samples(objective, coordinate, middle[coordinate])
    ends = [delay_samples(objective, coordinate, end) for end in (0.0, 1.0)]
    lags = np.arange(max(ends[0] - here, 1 - longest), min(ends[1] - here, longest - 1) + 1)
    energies = np.maximum(inside[np.maximum(lags, 0)], _INSIDE * inside[0])
    shares = np.square(products[lags]) / (energies * max(float(wanted @ wanted), 1e-20))
    apart, found = round(APART_SECONDS * objective.sample_rate), list[HeardDelay]()
    for _ in range(PEAKS):
        peak = int(np.argmax(shares))
        samples, at = int(here + lags[peak]), cube.copy()
        at[coordinate] = delay_position(objective, coordinate, samples, objective.sample_rate)
        found.append(HeardDelay(samples, float(shares[peak]), at))
        shares[max(peak - apart, 0) : peak + apart + 1] = 0.0
    return found


def _correlated(
    objective: AnyObjective, echo: np.ndarray, wanted: np.ndarray
) -> tuple[int, np.ndarray, np.ndarray]:
    """Compare an echo with what is wanted, each channel of each recording with its own.

    Args:
        objective: whose residuals both are, all channels one after the other
        echo: (samples,)
        wanted: (samples,)

    Returns:
        length of the longest channel; energy of an echo that is by so many samples later, as far as
        it is inside; products at each lag, negative ones at the end; 0 where it is inverted
    """
    members = objective.members if isinstance(objective, MeanError) else (objective,)
    shapes = [(each.excerpt.wet[:, each.excerpt.first_valid :]).shape for each in members]
    lengths = [samples for channels, samples in shapes for _ in range(channels)]
    longest, ends = max(lengths), np.cumsum(lengths)[:-1]
    size = scipy.fft.next_fast_len(2 * longest, real=True)
    inside, spectra = np.zeros(longest), np.zeros(size // 2 + 1, complex)
    for heard, own in zip(np.split(echo, ends), np.split(wanted, ends), strict=True):
        inside[: len(heard)] += np.cumsum(np.square(heard))[::-1]
        spectra += scipy.fft.rfft(own, size) * scipy.fft.rfft(heard, size).conj()
    return longest, inside, np.maximum(scipy.fft.irfft(spectra, size), 0.0)


@dataclass(frozen=True)
class MovingDelays:
    """An objective of which second-order steps move delay times too: their slopes are differences
    from one sample to the next."""

    objective: AnyObjective

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return the error (samples,)."""
        return self.objective.residual(cube)

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates whose slopes are known, and those of delay times."""
        found = self.objective.jacobian_indices(), self.objective.quantized_indices()
        return np.union1d(*found)

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> DenseLinearization:
        """Return the slopes along ascending coordinates."""
        times = np.intersect1d(index, self.objective.quantized_indices())
        others = np.setdiff1d(index, times)
        here = self.objective.residual(cube).astype(np.float64)
        jacobian = np.empty((len(index), len(here)))
        jacobian[np.isin(index, others)] = self.objective.jacobian(cube, others)
        for row, coordinate in enumerate(index):
            if coordinate in times:
                jacobian[row] = self._slope(cube, int(coordinate), here)
        return DenseLinearization(here, jacobian.T)

    def _slope(self, cube: np.ndarray, coordinate: int, here: np.ndarray) -> np.ndarray:
        objective, moved = self.objective, cube.copy()
        samples = delay_samples(objective, coordinate, cube[coordinate])
        step = 1 if cube[coordinate] < 0.5 else -1
        first, moved[coordinate] = (
            delay_position(objective, coordinate, each, objective.sample_rate)
            for each in (samples, samples + step)
        )
        slope = (objective.residual(moved) - here) / (moved[coordinate] - first)
        return np.nan_to_num(slope)
