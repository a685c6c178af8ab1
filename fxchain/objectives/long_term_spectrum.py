"""Long-term spectra, smoothed over frequency."""

import numpy as np
import scipy.signal

#: Samples in each of the averaged windows.
WINDOW = 8_192


def smoothed_spectrum(audio: np.ndarray, sample_rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the long-term power spectrum in bands of a third of an octave.

    Args:
        audio: (channels, samples)
        sample_rate: Hz

    Returns:
        frequencies in Hz (points,), and the power density around each (points,), the mean over
        the channels

    Source:
        Welch's averaged periodogram.
    """
    frequencies, power = raw_spectrum(audio, sample_rate)
    return frequencies, third_octaves(frequencies, power)


def raw_spectrum(audio: np.ndarray, sample_rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the same without the bands."""
    length = min(WINDOW, audio.shape[-1])
    frequencies, power = scipy.signal.welch(audio, sample_rate, nperseg=length)
    return frequencies, power.mean(axis=0)


def third_octaves(frequencies: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Return the mean of the power from a sixth of an octave below to a sixth above each point."""
    total = np.concatenate([[0.0], np.cumsum(power)])
    low = np.maximum(np.searchsorted(frequencies, frequencies * 2 ** (-1 / 6)) - 1, 0)
    high = np.searchsorted(frequencies, frequencies * 2 ** (1 / 6), side="right") + 1
    high = np.minimum(np.maximum(high, low + 1), len(power))
    return (total[high] - total[low]) / (high - low)
