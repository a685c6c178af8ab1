"""Where a recording begins and stops to sound."""

import numpy as np
from numpy.typing import NDArray

#: A frame this far below the loudest does not sound, dB; its length, s.
QUIET_DB, FRAME_SECONDS = 45.0, 0.05


def sounding_span(audio: NDArray[np.float32], sample_rate: float) -> tuple[int, int]:
    """Return the first sample of the first frame that is not quiet, and the end of the last.

    Args:
        audio: (channels, samples)
        sample_rate: Hz

    Returns:
        all of it where it is shorter than a frame
    """
    size = max(round(FRAME_SECONDS * sample_rate), 1)
    length = audio.shape[1]
    count = length // size
    if not count:
        return 0, length
    cut = audio[:, : count * size].reshape(len(audio), count, size)
    power = np.var(cut, axis=2, dtype=np.float64).sum(axis=0)
    loud = np.flatnonzero(power >= 10.0 ** (-QUIET_DB / 10.0) * float(power.max()))
    last = int(loud[-1]) + 1
    return int(loud[0]) * size, length if last == count else last * size
