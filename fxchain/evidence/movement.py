"""Movement: a filter whose response changes periodically."""

import numpy as np
import scipy.fft
import scipy.signal

from fxchain.evidence.bands import Vector

#: Length of the transforms, s; half of it is the step from one to the next.
WINDOW_SECONDS = 0.046
#: Frequencies that are looked for, Hz.
LOWEST_HZ, HIGHEST_HZ = 0.15, 15.0
#: At least so many periods must be seen.
PERIODS = 2.0
#: Frequencies are this much finer than the length of the recording resolves.
FINER = 4


def measure_movement(wet: Vector, dry: Vector, sample_rate: int) -> tuple[float, float]:
    """Return the share of the wet's energy that movement explains, and its frequency.

    What any frequency would explain by chance, the median over all, is subtracted.

    Args:
        wet: (samples,)
        dry: (samples,)
        sample_rate: Hz

    Returns:
        share, 0 to 1, and Hz
    """
    frequencies, explained = movement_spectrum(wet, dry, sample_rate)
    seconds = len(dry) / sample_rate
    here = (frequencies >= max(LOWEST_HZ, PERIODS / seconds)) & (frequencies <= HIGHEST_HZ)
    if not here.any():
        return 0.0, 0.0
    best = int(np.argmax(np.where(here, explained, -1.0)))
    share = float(explained[best] - np.median(explained[here]))
    return min(max(share, 0.0), 1.0), float(frequencies[best])


def movement_spectrum(wet: Vector, dry: Vector, sample_rate: float) -> tuple[Vector, Vector]:
    """Return the share of the wet's energy that a sinusoidal change of each frequency explains.

    In each bin of a short-time transform the filter is the constant Σ_b Y·X* / Σ_b |X|²; what it
    leaves, E, is compared with X at each frequency f of a periodic change,
    A(f) = Σ_b E·X*·exp(−2πi·f·t_b) / Σ_b |X|², so that (|A(f)|² + |A(−f)|²)·Σ|X|² of its energy is
    explained.

    Args:
        wet: (samples,)
        dry: (samples,)
        sample_rate: Hz

    Returns:
        frequencies from 0 upwards, Hz, and shares; empty where the recordings are too short

    Source:
        the first harmonic of a linear, periodically time-varying filter.
    """
    length = max(round(WINDOW_SECONDS * sample_rate), 16)
    if len(dry) < 8 * length:
        return np.zeros(0), np.zeros(0)
    x, y = (
        scipy.signal.stft(each, sample_rate, nperseg=length, noverlap=length - length // 2)[2]
        for each in (dry, wet)
    )
    cross, power = y * x.conj(), np.abs(x) ** 2
    total = np.sum(power, axis=1) + 1e-30
    constant = np.sum(cross, axis=1) / total
    error = cross - constant[:, None] * power  # E·X*
    energy = float(np.sum(np.abs(y) ** 2)) + 1e-30
    count = int(scipy.fft.next_fast_len(FINER * x.shape[1]))
    amplitudes = np.abs(scipy.fft.fft(error, count, axis=1)) ** 2 / total[:, None]
    explained = np.sum(amplitudes, axis=0) / energy
    both = explained + explained[-np.arange(count) % count]
    frequencies = scipy.fft.fftfreq(count, (length // 2) / sample_rate)
    half = (count + 1) // 2
    return frequencies[:half], both[:half]
