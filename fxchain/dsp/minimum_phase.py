"""The phase that belongs to a magnitude where all poles and zeros lie inside the unit circle.

Source:
    Oppenheim and Schafer, "Discrete-time signal processing": the cepstrum folded to positive times.
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray


def minimum_phase(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the minimum phase, rad, of a response.

    Args:
        level: (size / 2 + 1,), the natural logarithm of its magnitude from 0 Hz to half the rate

    Returns:
        the same shape
    """
    size = 2 * (len(level) - 1)
    cepstrum = scipy.fft.irfft(level, size)
    cepstrum[1 : size // 2] *= 2.0
    cepstrum[size // 2 + 1 :] = 0.0
    return np.asarray(scipy.fft.rfft(cepstrum).imag)
