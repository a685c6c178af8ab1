"""Echoes and decay behind the direct sound, with what would be found without any."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.fft
from scipy.ndimage import uniform_filter1d

from fxchain.evidence.bands import Vector
from fxchain.evidence.pair import BandedPair

#: What the direct sound may last, s: filters up to there explain the wet before echoes are sought.
DIRECT_SECONDS = 0.004
LATEST_SECONDS = 2.05
#: The power of what is left is smoothed over so much, Hz, and over a wide range as a floor.
SMOOTHING_HZ, WIDE = 20.0, 8
#: The tail, s, and the windows in which its decay is measured.
TAIL_SECONDS = (0.02, 0.32)
WINDOWS_SECONDS = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)
#: An energy counts when it is so many standard deviations above that before the direct sound.
DEVIATIONS = 3.0


@dataclass(frozen=True)
class Echoes:
    """What lies behind the direct sound; see `Evidence`."""

    echo_db: float
    echo_floor_db: float
    echo_seconds: float
    tail_db: float
    tail_floor_db: float
    dense_tail_db: float
    decay_seconds: float


def measure_echoes(pair: BandedPair) -> Echoes:
    """Measure echoes and decay.

    A short filter explains the direct sound z; with the remainder r = y − z, the level of an echo
    at a lag is estimated by a(k) = IFFT(R·conj(Z)/S) / IFFT(|Z|²/S)[0], where S is the smoothed
    power of r: the least-squares level of a single echo in noise of that spectrum. Effects are
    causal, so what the same estimate finds at negative lags is its error.

    Source:
        the generalized cross-correlation with maximum-likelihood weighting (Knapp and Carter 1976)
        and matched filters in coloured noise.
    """
    direct = pair.fit(256, DIRECT_SECONDS).fit
    bands, rate = pair.bands, pair.sample_rate
    left = pair.wet - direct
    left[: pair.first_valid] = 0.0
    own, rest = bands.spectrum(direct), bands.spectrum(left)
    width = max(int(SMOOTHING_HZ * bands.padded / rate), 1)
    power = np.abs(rest) ** 2
    noise = uniform_filter1d(power, width) + 0.1 * uniform_filter1d(power, WIDE * width)
    noise += 1e-9 * noise.max() + 1e-30
    weights = own.conj() / noise
    pulse = scipy.fft.irfft(weights * own, bands.padded)
    if not pulse[0] > 0.0:
        return Echoes(-np.inf, -np.inf, 0.0, -np.inf, -np.inf, -np.inf, 0.0)
    response = scipy.fft.irfft(weights * rest, bands.padded) / pulse[0]
    first = round(DIRECT_SECONDS * rate)
    latest = min(round(LATEST_SECONDS * rate), pair.bands.padded // 2, len(pair.dry) - 1)
    after, before = np.abs(response[first:latest]), np.abs(response[-latest:-first])
    peak = int(np.argmax(after))
    near = round(0.02 * rate)
    spread = (2.0 * float(np.sum(pulse[1:near] ** 2)) + pulse[0] ** 2) / pulse[0] ** 2
    tail, deviation = _energy(response, spread, rate, TAIL_SECONDS)
    return Echoes(
        _decibels(after[peak] ** 2),
        _decibels(before.max() ** 2),
        (first + peak) / rate,
        _decibels(max(tail, 0.0)),
        _decibels(max(tail, 0.0) + DEVIATIONS * deviation),
        _decibels(max(_dense_energy(response, spread, rate, TAIL_SECONDS), 0.0)),
        _decay_seconds(response, spread, rate),
    )


def _energy(
    response: Vector, spread: float, rate: float, span: tuple[float, float]
) -> tuple[float, float]:
    """Return the energy in a span behind the direct sound, less that before it, and its error.

    Args:
        response: (samples,), negative lags at the end
        spread: energy of the response of a single echo of height 1
        rate: Hz
        span: first and last lag, s
    """
    first, end = (round(seconds * rate) for seconds in span)
    end = min(end, len(response) // 2)
    if end <= first:
        return 0.0, 0.0
    behind = float(np.sum(response[first:end] ** 2)) / spread
    ahead = float(np.sum(response[-end:-first] ** 2)) / spread
    return behind - ahead, ahead * float(np.sqrt(4.0 * spread / (end - first)))


def _dense_energy(response: Vector, spread: float, rate: float, span: tuple[float, float]) -> float:
    """Return the energy that a span would have if all of it were like its median.

    Single echoes do not count in it; of a normal distribution the median square is 0.455 of the
    mean square.
    """
    first, end = (round(seconds * rate) for seconds in span)
    end = min(end, len(response) // 2)
    if end <= first:
        return 0.0
    behind = float(np.median(response[first:end] ** 2))
    ahead = float(np.median(response[-end:-first] ** 2))
    return (behind - ahead) * (end - first) / (0.455 * spread)


def _decay_seconds(response: Vector, spread: float, rate: float) -> float:
    """Return the time in which the energy of the response falls by 60 dB."""
    times, levels = [], []
    for span in pairwise(WINDOWS_SECONDS):
        energy, deviation = _energy(response, spread, rate, span)
        if energy > DEVIATIONS * deviation and energy > 0.0:
            times.append(0.5 * (span[0] + span[1]))
            levels.append(10.0 * np.log10(energy / (span[1] - span[0])))
    if len(times) < 3:
        return 0.0
    loudest = int(np.argmax(levels))
    if len(times) - loudest < 3:
        return 0.0
    slope = float(np.polyfit(times[loudest:], levels[loudest:], 1)[0])
    return -60.0 / slope if slope < -1.0 else 0.0


def _decibels(energy: float) -> float:
    return 10.0 * float(np.log10(max(energy, 1e-20)))
