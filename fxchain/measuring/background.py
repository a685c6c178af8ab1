"""What a device sounds like when nothing is played: noise, hum of the mains, a constant."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.signal import periodogram

#: Frequencies of the mains, how far they may be off, and the step in which they are sought, Hz.
MAINS_HZ, _OFF_HZ, _STEP_HZ = (50.0, 60.0), 0.6, 0.02
HARMONICS = 10
#: A harmonic is hum where its amplitude is so many times the median of the noise around it.
_ABOVE_NOISE = 5.0
_AROUND_HZ, _BESIDE_HZ = 20.0, 4.0
#: Shorter silence tells no hum from noise, s.
LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class Hum:
    """Hum of the mains.

    Attributes:
        frequency_hz: of its first harmonic
        levels_dbfs: of each harmonic the root mean square, by its order; only those that are found
    """

    frequency_hz: float
    levels_dbfs: dict[int, float]


@dataclass(frozen=True)
class Background:
    """The silence before the sweeps.

    Attributes:
        seconds: its length, s
        noise_dbfs: root mean square without the constant, dBFS
        constant: mean, relative to full scale
        hum: None where there is none
        bands: centre in Hz and level in dBFS of each third of an octave
    """

    seconds: float
    noise_dbfs: float
    constant: float
    hum: Hum | None
    bands: tuple[tuple[float, float], ...]


def background(silence: np.ndarray, sample_rate: int) -> Background:
    """Measure a silence.

    Args:
        silence: (samples,)
        sample_rate: Hz
    """
    seconds = len(silence) / sample_rate
    if not len(silence):
        return Background(0.0, -np.inf, 0.0, None, ())
    constant = float(silence.mean())
    without = silence - constant
    hum = find_hum(without, sample_rate) if seconds >= LEAST_SECONDS else None
    level = decibels(float(np.sqrt(np.mean(np.square(without)))))
    return Background(seconds, level, constant, hum, _bands(without, sample_rate))


def find_hum(silence: np.ndarray, sample_rate: int) -> Hum | None:
    """Return the hum in a silence: harmonics of the mains that stand out of the noise.

    Args:
        silence: (samples,)
        sample_rate: Hz
    """
    window = np.hanning(len(silence))
    shaped = silence * window * (2.0 / window.sum())
    frequencies, power = periodogram(silence, sample_rate, window="hann", scaling="spectrum")
    spectrum = np.sqrt(2.0 * power)
    best: tuple[float, Hum] | None = None
    for mains in MAINS_HZ:
        orders = np.arange(1, HARMONICS + 1)
        noise = np.array([_around(spectrum, frequencies, order * mains) for order in orders])
        for first in np.arange(mains - _OFF_HZ, mains + _OFF_HZ + 1e-9, _STEP_HZ):
            amplitudes = _amplitudes(shaped, first * orders / sample_rate)
            found = amplitudes > _ABOVE_NOISE * noise
            score = float(np.square(amplitudes / noise)[found].sum())
            if found.any() and (best is None or score > best[0]):
                levels = {
                    int(order): round(decibels(amplitude / np.sqrt(2.0)), 2)
                    for order, amplitude in zip(orders[found], amplitudes[found], strict=True)
                }
                best = score, Hum(round(float(first), 3), levels)
    return None if best is None else best[1]


def decibels(amplitude: float) -> float:
    """Return the level of an amplitude, dB; -240 at least."""
    return 20.0 * math.log10(max(amplitude, 1e-12))


def _amplitudes(shaped: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Return the amplitudes of sines of so many turns a sample in a silence with its window."""
    step = 256  # phases of the first samples, times those of every 256th
    padded = np.pad(shaped, (0, -len(shaped) % step)).reshape(-1, step)
    inner = np.exp(-2j * np.pi * np.outer(np.arange(step), turns))
    outer = np.exp(-2j * np.pi * np.outer(np.arange(len(padded)) * step, turns))
    return np.abs(np.sum((padded @ inner) * outer, axis=0))


def _around(spectrum: np.ndarray, frequencies_hz: np.ndarray, centre_hz: float) -> float:
    """Return the median amplitude of the noise around a frequency."""
    away = np.abs(frequencies_hz - centre_hz)
    return float(np.median(spectrum[(away > _BESIDE_HZ) & (away < _AROUND_HZ)])) + 1e-12


def _bands(silence: np.ndarray, sample_rate: int) -> tuple[tuple[float, float], ...]:
    """Return the level of each third of an octave, dBFS."""
    frequencies, density = periodogram(silence, sample_rate, window="hann", scaling="density")
    power = np.concatenate([[0.0], np.cumsum(density) * frequencies[1]])
    edges = np.arange(len(power)) * frequencies[1]
    highest = 0.45 * sample_rate
    centres = [1_000.0 * 2.0 ** (third / 3.0) for third in range(-17, 14)]
    found = []
    for centre in centres:
        low, high = centre * 2.0 ** (-1 / 6), centre * 2.0 ** (1 / 6)
        if high < highest and high - low > frequencies[1]:
            energy = float(np.interp(high, edges, power) - np.interp(low, edges, power))
            found.append((round(centre, 1), round(10.0 * math.log10(max(energy, 1e-24)), 2)))
    return tuple(found)
