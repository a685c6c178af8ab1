"""Aliasing: what a device makes of a sine that lies at none of its harmonics."""

from collections.abc import Callable

import numpy as np

#: The sine is the nearest to this frequency, Hz, that has a whole odd number of periods.
SINE_HZ = 5_000.0
#: So many samples are compared, a power of two, behind twice as many in which the device settles.
_SAMPLES = 8_192
_LEAST_DB = -200.0


def aliasing_db(
    play: Callable[[np.ndarray], np.ndarray], sample_rate: float, level: float, channels: int = 1
) -> float:
    """Return the share of a device's output that is aliased, dB.

    Harmonics beyond half the sample rate are mirrored. With an odd number k of periods in N = 2^m
    samples they lie at the bins hk mod N, none of which is a harmonic below half the rate.

    Args:
        play: the device, (channels, samples) in and out
        sample_rate: Hz
        level: root mean square of the sine, full scale 1
        channels: of what is played

    Returns:
        energy beside the harmonics against all energy, the mean left out; −200 for none
    """
    periods = 2 * round((SINE_HZ / sample_rate * _SAMPLES - 1.0) / 2.0) + 1
    turns = periods / _SAMPLES * np.arange(3 * _SAMPLES)
    sine = (np.sqrt(2.0) * level * np.sin(2.0 * np.pi * turns)).astype(np.float32)
    played = play(np.tile(sine, (channels, 1)))[:, -_SAMPLES:].astype(np.float64)
    energies = np.square(np.abs(np.fft.rfft(played))).sum(axis=0)
    whole = float(energies[1:].sum())
    beside = whole - float(energies[periods::periods].sum())
    if whole <= 0.0 or beside <= 0.0:
        return _LEAST_DB
    return max(10.0 * float(np.log10(beside / whole)), _LEAST_DB)
