"""The constant that a converter adds to a recording, told from the DC that a device makes.

A converter adds it to silence too. What an asymmetric device makes follows the level and vanishes
where nothing is played. So it is measured in the quietest frames, and counts where these agree.
"""

import numpy as np
from numpy.typing import NDArray

#: Length of a frame, s; the share of them that is quiet, and how many there are at least.
FRAME_SECONDS, QUIET_SHARE, LEAST_FRAMES = 0.05, 0.25, 16
#: It is measured in so many parts of the recording.
PARTS = 4
#: A constant is one where it is so many times the largest deviation of a part …
LEAST_CERTAINTY = 3.0
#: … and has this share of the power.
LEAST_SHARE = 1e-7
_GROUP = 1_000

Numbers = NDArray[np.float64]


def constant_offset(samples: NDArray[np.float32], sample_rate: float) -> float:
    """Return the constant in one channel, 0 where there is none.

    Args:
        samples: (samples,)
        sample_rate: Hz

    Returns:
        the median over parts of the recording of the means of their quietest frames, where all
        parts agree
    """
    size = round(FRAME_SECONDS * sample_rate)
    count = len(samples) // size
    if count < LEAST_FRAMES:
        return 0.0
    moments = [_moments(samples[start * size :], size, count - start) for start in _starts(count)]
    means, squares = (np.concatenate(each) for each in zip(*moments, strict=True))
    spreads = np.sqrt(np.maximum(squares - means**2, 0.0))
    parts = np.array_split(np.arange(count), PARTS)
    found = np.array([_quiet_mean(means[part], spreads[part]) for part in parts])
    offset = float(np.median(found))
    certain = abs(offset) > LEAST_CERTAINTY * float(np.max(np.abs(found - offset)))
    power = float(np.mean(squares)) - 2.0 * offset * float(np.mean(means)) + offset**2
    return offset if certain and offset**2 > LEAST_SHARE * power else 0.0


def _quiet_mean(means: Numbers, spreads: Numbers) -> float:
    """Return the median of the means of the quietest frames."""
    quiet = np.argsort(spreads, kind="stable")[: max(1, round(QUIET_SHARE * len(means)))]
    return float(np.median(means[quiet]))


def _starts(count: int) -> range:
    """Return the first frame of each group of frames."""
    return range(0, count, _GROUP)


def _moments(samples: NDArray[np.float32], size: int, count: int) -> tuple[Numbers, Numbers]:
    """Return the means and the mean squares of the frames of a group."""
    used = min(count, _GROUP)
    frames = samples[: used * size].reshape(used, size).astype(np.float64)
    return frames.mean(axis=1), np.einsum("ij,ij->i", frames, frames) / size
