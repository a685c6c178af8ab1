"""The polarity of a wet recording whose phase was changed by filters.

The sign of the highest peak of a whitened response is the polarity only where the device passes
treble and bass alike: a treble boost can make the peak beside it the higher one. Most filters in
effects are of minimum phase, so that the phase follows from the magnitude. The dry is therefore
filtered by the minimum-phase filter with the magnitude |wet| / |dry|; the sign of the peak of the
plain cross-correlation of the result with the wet is the polarity.
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fxchain.alignment.lag import reach
from fxchain.alignment.whitening import Array, spectra, stretches
from fxchain.dsp.minimum_phase import minimum_phase

# Magnitudes are means over this many octaves, and raised to at most this far below the loudest.
_SMOOTH_OCTAVES = 1 / 3
_FLOOR = 1e-7
# Taps of the filter.
_TAPS = 8192


def votes(dry: Array, wet: Array, sample_rate: float, lag: int) -> float:
    """Return the polarity of the wet behind the minimum-phase filter between the recordings.

    Args:
        dry: (channels, samples), not silent
        wet: (channels, other samples), not silent
        sample_rate: Hz
        lag: samples, where the dry begins in the wet

    Returns:
        −1 … 1: s · (1 − p₋ / p₊) with the polarity s, the highest peak p₊ within 1.5 ms, and the
        highest one of the other sign, p₋
    """
    first, second, offset = stretches(dry, wet, sample_rate)
    length, cross, power_dry, power_wet = spectra(first, second)
    grid = np.linspace(0.0, 1.0, _TAPS // 2 + 1)
    smoothed = [_smooth(power, grid) for power in (power_dry, power_wet)]
    taps = _minimum_phase_filter(np.sqrt(smoothed[1] / smoothed[0]))
    cross = cross * scipy.fft.rfft(taps.astype(np.float32), length).conj()
    near = reach(sample_rate)
    around = scipy.fft.irfft(cross, length)[(lag - offset + np.arange(-near, near + 1)) % length]
    up, down = max(float(around.max()), 0.0), max(-float(around.min()), 0.0)
    if up == down:
        return 0.0
    return float(np.copysign(1.0 - min(up, down) / max(up, down), up - down))


def _smooth(power: NDArray[np.floating], grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the power smoothed over a third of an octave, with a floor.

    Args:
        power: (bins,) from 0 Hz to half the sample rate
        grid: (frequencies,) as shares of half the sample rate

    Returns:
        (frequencies,)
    """
    last = len(power) - 1
    total = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    half, narrowest = 2.0 ** (_SMOOTH_OCTAVES / 2.0), grid[1] / 2.0
    low = np.maximum(np.minimum(grid / half, grid - narrowest), 0.0)
    high = np.minimum(np.maximum(grid * half, grid + narrowest), 1.0)
    begin = np.floor(low * last).astype(int)
    end = np.minimum(np.ceil(high * last).astype(int) + 1, len(power))
    means = (total[end] - total[begin]) / (end - begin)
    return np.asarray(np.maximum(means, _FLOOR * means.max()))


def _minimum_phase_filter(magnitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the filter of minimum phase with a magnitude (taps / 2 + 1,), (taps,)."""
    spectrum = magnitude * np.exp(1j * minimum_phase(np.log(magnitude)))
    return np.asarray(scipy.fft.irfft(spectrum, _TAPS))
