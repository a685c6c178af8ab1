"""When echoes come, from what a voice leaves of a recording."""

import numpy as np
import scipy.fft
from scipy.ndimage import uniform_filter1d

from fxchain.synth.instrument.criterion import Followed

#: Echoes are looked for between these times, s, so far apart at least.
EARLIEST_SECONDS, LATEST_SECONDS, APART_SECONDS = 0.03, 2.0, 0.002
#: So many times are returned of each kind of evidence.
COUNT = 3
#: The spectrum of what is left is made flat over so many hertz.
FLAT_HERTZ = 100.0


def echo_seconds(
    left: np.ndarray, played: np.ndarray, followed: Followed, sample_rate: float
) -> list[float]:
    """Return times after which echoes are likely, s.

    Those at which an echo of what is played takes most away from what is left, and those at which
    what is left is most like itself: of noise no more than that is known.

    Args:
        left: (samples,), what is played less the recording
        played: (samples,)
        followed: how other knobs follow, of the same samples
        sample_rate: Hz
    """
    tones = echo_gains(left, played, followed)
    noise = similarity(followed(left)[: len(left)], sample_rate)
    apart = max(round(APART_SECONDS * sample_rate), 1)
    earliest = round(EARLIEST_SECONDS * sample_rate)
    latest = min(round(LATEST_SECONDS * sample_rate), len(left))
    found = []
    for each in (tones, noise):
        height = each[:latest].copy()
        height[:earliest] = 0.0
        for _ in range(COUNT):
            peak = int(np.argmax(height))
            if height[peak] > 0.0:
                found.append(peak / sample_rate)
            height[max(peak - apart, 0) : peak + apart + 1] = 0.0
    return found


def echo_gains(left: np.ndarray, played: np.ndarray, followed: Followed) -> np.ndarray:
    """Return what an echo after each number of samples takes away from the square of what is left,
    at the weight that takes most, while other knobs follow to first order; (samples,).

    Source:
        orthogonal matching pursuit (Pati, Rezaiifar and Krishnaprasad 1993), its correlations with
        all delays by fast Fourier transforms
    """
    count = len(left)
    size = scipy.fft.next_fast_len(2 * count, real=True)
    delayed = scipy.fft.rfft(played, size).conj()

    def correlated(samples: np.ndarray) -> np.ndarray:
        return scipy.fft.irfft(scipy.fft.rfft(samples, size) * delayed, size)[:count]

    columns = np.array([correlated(column) for column in followed.jacobian.T])
    columns = columns.reshape(-1, count)
    taken = followed.inverse @ columns
    against = correlated(-left) + (followed.jacobian.T @ left) @ taken
    powers = np.cumsum(np.square(played))[::-1]
    own = powers - (columns * taken).sum(axis=0)
    return np.square(np.maximum(against, 0.0)) / np.maximum(own, 1e-3 * powers[0] + 1e-30)


def similarity(left: np.ndarray, sample_rate: float) -> np.ndarray:
    """Return how like itself (samples,) are after each number of samples, where their spectrum is
    flat; (samples,)."""
    size = scipy.fft.next_fast_len(2 * len(left), real=True)
    power = np.square(np.abs(scipy.fft.rfft(left, size)))
    smooth = uniform_filter1d(power, max(round(FLAT_HERTZ * size / sample_rate), 1))
    return scipy.fft.irfft(power / (smooth + 1e-3 * smooth.max() + 1e-30), size)[: len(left)]
