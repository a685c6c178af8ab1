"""Where the power of a signal is over frequency, in bands that responses are compared at."""

import numpy as np

from fxchain.structure.criterion import FLOOR

#: How many bands there are, and the centre of the lowest, Hz.
POINTS, LOWEST_HZ = 160, 20.0
#: Share of the power that is taken to be in each of the bands, beside what is there: in all as much
#: as an error that counts as none.
FAINT = FLOOR / POINTS


def band_centres(sample_rate: int) -> np.ndarray:
    """Return the centres of the bands, (points,), Hz."""
    found: np.ndarray = np.geomspace(LOWEST_HZ, 0.49 * sample_rate, POINTS)
    return found


def power_shares(audio: np.ndarray, points: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the shares of the power of (channels, samples) around each of the points."""
    hertz = np.fft.rfftfreq(audio.shape[1], 1.0 / sample_rate)
    power = sums_in_bands(np.square(np.abs(windowed_spectrum(audio))), points, hertz)
    found: np.ndarray = power / max(float(power.sum()), 1e-30)
    return found


def windowed_spectrum(audio: np.ndarray) -> np.ndarray:
    """Return the spectrum (channels, bins) of audio; a window keeps loud frequencies from faint
    ones."""
    found: np.ndarray = np.fft.rfft(audio.astype(np.float64) * np.hanning(audio.shape[1]), axis=1)
    return found


def with_faint(power: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Return the shares of the power behind a response, with a little before it everywhere."""
    squares = np.square(np.abs(response))
    found: np.ndarray = power + FAINT * squares / max(float(np.sum(power * squares)), 1e-30)
    return found / found.sum()


def sums_in_bands(spectrum: np.ndarray, points: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Return the sums around each of the points, Hz, of a spectrum (channels, bins).

    Args:
        spectrum: real or complex
        points: (points,), rising
        hertz: (bins,)
    """
    places = np.searchsorted(np.sqrt(points[1:] * points[:-1]), hertz)
    sums = spectrum.sum(axis=0)
    found: np.ndarray = np.bincount(places, sums.real, len(points))
    if np.iscomplexobj(sums):
        found = found + 1j * np.bincount(places, sums.imag, len(points))
    return found
