"""A gain over time before the comparison, which raises the weight of quiet passages."""

import numpy as np
from scipy.ndimage import uniform_filter1d

#: The power is averaged over about this time, s.
SMOOTHED_SECONDS = 0.05
#: Passages this far below the mean, as a power ratio, are raised no further: they are noise.
FLOOR = 1e-3


def loudness_weighting(wet: np.ndarray, sample_rate: float, strength: float) -> np.ndarray:
    """Return the gain g(t) = c·(p(t)/mean(p) + FLOOR)^(−strength/2), p the smoothed power.

    With strength 0 it is 1, and the loudest passages decide how large an error is. With strength 1
    all have the same weight, the decay of a note as much as its attack. c keeps the energy of the
    recording, so that errors with and without it can be compared.

    Args:
        wet: (channels, samples)
        sample_rate: Hz
        strength: 0 to 1

    Returns:
        (1, samples), float32
    """
    power = np.mean(np.square(wet, dtype=np.float64), axis=0)
    total = float(power.sum())
    if strength == 0.0 or total == 0.0:
        return np.ones((1, wet.shape[-1]), np.float32)
    size, smoothed = max(round(SMOOTHED_SECONDS / 2.0 * sample_rate), 1), power
    for _ in range(2):  # a triangle
        smoothed = uniform_filter1d(smoothed, size, mode="nearest")
    gain = (np.maximum(smoothed, 0.0) / power.mean() + FLOOR) ** (-strength / 2.0)
    gain *= np.sqrt(total / np.sum(gain**2 * power))
    return gain[None].astype(np.float32)
