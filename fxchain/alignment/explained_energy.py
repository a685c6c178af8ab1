"""Which share of the wet's energy is the dry at a lag, by least squares."""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fxchain.alignment.whitening import BAND_FLOOR, Array, band_power, spectra, stretches

Lags = NDArray[np.intp]

# Each filter begins this many samples before its lag and ends this many after.
_TAPS_BEFORE = 8
_TAPS_AFTER = 40
# Added to the diagonal of the normal matrix, relative to the energy of the dry.
_RIDGE = 1e-3


def explained_energies(
    dry: Array, wet: Array, sample_rate: float, lags: Lags
) -> NDArray[np.float64]:
    """Return the share of the wet's energy that is lost without the filter of each candidate.

    One short filter per lag, all solved together by least squares, on dry and wet behind one and
    the same filter that flattens the wet. With the solution w and the inverse V of the normal
    matrix, leaving out block k costs w_kᵀ (V_kk)⁻¹ w_k.

    Args:
        dry: (channels, samples)
        wet: (channels, other samples)
        sample_rate: Hz
        lags: (candidates,) samples

    Returns:
        (candidates,) each 0 … 1
    """
    first, second, offset = stretches(dry, wet, sample_rate)
    length, cross, power_dry, power_wet = spectra(first, second)
    flat = 1 / band_power(power_wet, length, sample_rate, BAND_FLOOR)
    auto = scipy.fft.irfft(power_dry * flat, length).astype(np.float64)
    both = scipy.fft.irfft(cross * flat, length).astype(np.float64)
    whole = float(scipy.fft.irfft(power_wet * flat, length)[0])
    size = _TAPS_BEFORE + _TAPS_AFTER
    taps = (lags[:, None] - offset + np.arange(-_TAPS_BEFORE, _TAPS_AFTER)).ravel()
    matrix = auto[(taps[:, None] - taps) % length]
    inverse = np.linalg.inv((matrix + matrix.T) / 2 + _RIDGE * auto[0] * np.eye(len(taps)))
    solution = (inverse @ both[taps % length]).reshape(-1, size)
    blocks = inverse.reshape(len(lags), size, len(lags), size)
    shares = [
        float(part @ np.linalg.solve(blocks[k, :, k], part)) / whole
        for k, part in enumerate(solution)
    ]
    return np.clip(shares, 0, 1)
