"""Where the loudest stretch of a recording begins."""

import numpy as np
from numpy.typing import NDArray

from fxchain.metrics.energy import energy


def loudest_stretch(audio: NDArray[np.float32], length: int, step: int = 1) -> int:
    """Return the first sample of the stretch with the most energy, 0 where all is shorter.

    Args:
        audio: (channels, samples)
        length: of the stretch, samples
        step: stretches begin at multiples of this, samples
    """
    if audio.shape[1] <= length:
        return 0
    if step == 1:
        each = np.square(audio, dtype=np.float64).sum(axis=0)
    else:
        size = audio.shape[1] // step * step
        each = np.array([energy(audio[:, at : at + step]) for at in range(0, size, step)])
    total = np.concatenate([[0.0], np.cumsum(each)])
    steps = length // step
    return step * int(np.argmax(total[steps:] - total[:-steps]))
