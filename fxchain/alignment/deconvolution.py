"""A wet recording divided by a dry one, both white: where the peaks are, and how high chance is."""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fxchain.alignment.whitening import band_power, spectra

Array = NDArray[np.float32]

# Part of a broad band's power that is added to each bin of the dry before it is divided out.
_DIVISION_FLOOR = 0.1


def deconvolved(
    dry: Array, wet: Array, sample_rate: float
) -> tuple[Array, NDArray[np.signedinteger]]:
    """Return the height of the response at each lag, (lags,), and the lags, rising, samples.

    Args:
        dry: (channels, samples), whitened
        wet: (channels, other samples), whitened
        sample_rate: Hz
    """
    length, cross, power_dry, power_wet = spectra(dry, wet)
    broad_dry = band_power(power_dry, length, sample_rate, 1e-6)
    broad_wet = band_power(power_wet, length, sample_rate, 1e-6)
    cross /= np.sqrt(broad_dry) * np.sqrt(broad_wet) * (power_dry / broad_dry + _DIVISION_FLOOR)
    lags = np.arange(1 - dry.shape[1], wet.shape[1])
    return scipy.fft.irfft(cross, length)[lags % length], lags


def height_of_chance(heights: Array) -> float:
    """Return the height that the highest of so many peaks has where recordings are unrelated."""
    spread = float(np.median(np.abs(heights))) / 0.6745
    return spread * float(np.sqrt(2.0 * np.log(len(heights) + 1)))
