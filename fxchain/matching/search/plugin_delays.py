"""Delay times of plug-ins of other makers: where they are heard, and their slopes.

With y∞ what a chain plays while an echo lies beyond the excerpt, the change e = y − y∞ is the echo
alone, filtered as the plug-in filters it. Another delay time moves it: where e, moved, explains
most of what y∞ behind a short filter leaves of the wet, an echo is heard. An echo that a low-pass
filter has made dull, which deconvolution does not see, is found so too.

Notes are alike, so that some of it is explained at any time. How much tells e before the sound that
it is an echo of: only what is hardly met there counts as heard.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.linalg

from fxchain.matching.search.delay_reverb_evolution import delay_position, delay_samples
from fxchain.objectives.mean_error import AnyObjective, MeanError
from fxchain.optim.dense_linearization import DenseLinearization

#: Settings that are drawn for a delay, and times that are taken of each.
DRAWN, PEAKS = 16, 3
#: Times differ by so much at least, s.
APART_SECONDS = 3e-3
#: What is explained by y∞ behind a filter of this length is no echo, s, and the ridge of that.
FILTER_SECONDS, RIDGE = 4e-3, 1e-3
#: How many echoes may be heard in each setting where there is none, and of how many of the highest
#: shares by chance the tail is taken.
BY_CHANCE, TAIL = 1e-2, 10
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
    """Return delay times at which echoes of random settings explain most of the wet, none where
    nothing is explained that chance does not explain.

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
    if not np.isfinite(power) or not float(echo @ echo) > _SILENT * power:
        return []
    wanted = _without_filtered(objective, wet, without)
    here = delay_samples(objective, coordinate, middle[coordinate])
    first, last = (delay_samples(objective, coordinate, end) for end in (0.0, 1.0))
    shares = _shares(objective, echo, wanted)
    half = len(shares) // 2  # where it is as it was
    later = half - here + np.arange(first, last + 1)
    before = half - here - np.arange(first, last + 1)
    later, before = (each[(each >= 0) & (each < len(shares))] for each in (later, before))
    apart, found = round(APART_SECONDS * objective.sample_rate), list[HeardDelay]()
    heard, floor = shares[later], _by_chance(shares[before], len(later), apart)
    for _ in range(PEAKS):
        peak = int(np.argmax(heard))
        if not heard[peak] > floor:
            break
        samples, at = int(later[peak] - half + here), cube.copy()
        at[coordinate] = delay_position(objective, coordinate, samples, objective.sample_rate)
        found.append(HeardDelay(samples, float(heard[peak]), at))
        heard[max(peak - apart, 0) : peak + apart + 1] = 0.0
    return found


def _by_chance(shares: np.ndarray, lags: int, apart: int) -> float:
    """Return the share that so few of some lags exceed by chance, inf where it cannot be told.

    Args:
        shares: that are by chance, at consecutive lags
        lags: how many are looked at
        apart: lags of which one is counted

    Source:
        the excess over a high threshold, J. Pickands 1975, of exponential tails
    """
    blocks = len(shares) // apart
    if blocks <= TAIL:
        return np.inf
    highest = shares[: blocks * apart].reshape(blocks, apart).max(axis=1)
    tail = np.sort(highest)[-TAIL:]
    expected = len(tail) * lags / len(shares)
    return float(tail[0] + np.mean(tail - tail[0]) * np.log(expected / BY_CHANCE))


def _without_filtered(objective: AnyObjective, wet: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Return what of the wet is left by a signal behind one short filter, (samples,)."""
    taps = max(round(FILTER_SECONDS * objective.sample_rate), 1)
    parts = list(zip(_parts(objective, without), _parts(objective, wet), strict=True))
    size = scipy.fft.next_fast_len(max(len(each) for _, each in parts) + taps, real=True)
    spectra = [(scipy.fft.rfft(x, size), scipy.fft.rfft(y, size)) for x, y in parts]
    power = sum(np.abs(x) ** 2 for x, _ in spectra)
    cross = sum(x.conj() * y for x, y in spectra)
    own, other = (scipy.fft.irfft(each, size)[:taps] for each in (power, cross))
    own[0] += RIDGE * own[0] + 1e-30
    response = scipy.fft.rfft(scipy.linalg.solve_toeplitz(own, other), size)
    left = [
        y - scipy.fft.irfft(x * response, size)[: len(y)]
        for (x, _), (_, y) in zip(spectra, parts, strict=True)
    ]
    return np.concatenate(left)


def _shares(objective: AnyObjective, echo: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return which share of what is wanted an echo explains that is later, or earlier.

    Args:
        objective: whose residuals both are
        echo: (samples,)
        wanted: (samples,)

    Returns:
        (2n − 1,), n the length of the longest channel: by n − 1 samples earlier, …, not moved, …
    """
    longest, inside, products = _correlated(objective, echo, wanted)
    lags = np.arange(1 - longest, longest)
    energies = np.maximum(inside[lags], _INSIDE * inside[0])
    return np.square(products[lags]) / (energies * max(float(wanted @ wanted), 1e-20))


def _parts(objective: AnyObjective, signal: np.ndarray) -> list[np.ndarray]:
    """Return each channel of each recording of a residual."""
    members = objective.members if isinstance(objective, MeanError) else (objective,)
    shapes = [(each.excerpt.wet[:, each.excerpt.first_valid :]).shape for each in members]
    lengths = [samples for channels, samples in shapes for _ in range(channels)]
    return np.split(signal, np.cumsum(lengths)[:-1])


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
        it is inside, negative ones at the end; products at each lag, likewise; 0 where it is
        inverted
    """
    parts = list(zip(_parts(objective, echo), _parts(objective, wanted), strict=True))
    longest = max(len(heard) for heard, _ in parts)
    size = scipy.fft.next_fast_len(2 * longest, real=True)
    inside, spectra = np.zeros(2 * longest), np.zeros(size // 2 + 1, complex)
    for heard, own in parts:
        squares = np.square(heard)
        inside[: len(heard)] += np.cumsum(squares)[::-1]
        inside[-len(heard) :] += np.append(0.0, np.cumsum(squares[::-1])[:-1])
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
