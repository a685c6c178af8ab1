"""Which way up a wet recording is, where filters turn phases.

The sharpest peak of a whitened response says it as long as treble and bass come through alike: a
filter that lifts the treble can make the peak beside it the sharper one. Most of what filters in
effects has minimum phase, though, and its magnitude can be seen. So the dry is played through the
filter of minimum phase that has the magnitude between the two recordings; what is then left
between them is the polarity, and a correlation in which everything counts as it sounds tells it.

Source:
    A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing": minimum phase by folding the
    cepstrum of the magnitude
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fxchain.alignment.lag import reach
from fxchain.alignment.whitening import Array, spectra, stretches

# Magnitudes are means over this many octaves, and raised to at most this far below the loudest.
_SMOOTH_OCTAVES = 1 / 3
_FLOOR = 1e-7
# Taps of the filter.
_TAPS = 8192


def votes(dry: Array, wet: Array, sample_rate: float, lag: int) -> float:
    """Return which way up the wet is, through the filter of minimum phase between them.

    Args:
        dry: (channels, samples), not silent
        wet: (channels, other samples), not silent
        sample_rate: Hz
        lag: samples, where the dry begins in the wet

    Returns:
        -1 … 1: the polarity, times how much higher the correlation's peak is than the highest one
        of the other sign within 1.5 ms
    """
    first, second, offset = stretches(dry, wet, sample_rate)
    length, cross, power_dry, power_wet = spectra(first, second)
    grid = np.linspace(0.0, 1.0, _TAPS // 2 + 1)
    loud = [_smooth(power, grid) for power in (power_dry, power_wet)]
    taps = _minimum_phase(np.sqrt(loud[1] / loud[0]))
    cross = cross * scipy.fft.rfft(taps.astype(np.float32), length).conj()
    near = reach(sample_rate)
    around = scipy.fft.irfft(cross, length)[(lag - offset + np.arange(-near, near + 1)) % length]
    up, down = max(float(around.max()), 0.0), max(-float(around.min()), 0.0)
    if up == down:
        return 0.0
    return float(np.copysign(1.0 - min(up, down) / max(up, down), up - down))


def _smooth(power: NDArray[np.floating], grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean power around frequencies, with a floor.

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


def _minimum_phase(magnitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the filter of minimum phase with a magnitude (taps / 2 + 1,), (taps,)."""
    cepstrum = scipy.fft.irfft(np.log(magnitude), _TAPS)
    cepstrum[1 : _TAPS // 2] *= 2.0
    cepstrum[_TAPS // 2 + 1 :] = 0.0
    return np.asarray(scipy.fft.irfft(np.exp(scipy.fft.rfft(cepstrum)), _TAPS))
