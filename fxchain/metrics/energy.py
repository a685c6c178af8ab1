"""The energy of a recording, added up in double precision, block by block."""

from collections.abc import Iterator

import numpy as np

_BLOCK_SAMPLES = 2**18


def energy(audio: np.ndarray) -> float:
    """Return the sum of the squares of audio (channels, samples), added up in double precision."""
    return sum(
        float(np.sum(np.square(audio[:, block], dtype=np.float64)))
        for block in blocks(audio.shape[1])
    )


def blocks(samples: int) -> Iterator[slice]:
    """Yield consecutive slices that cover so many samples."""
    for start in range(0, samples, _BLOCK_SAMPLES):
        yield slice(start, start + _BLOCK_SAMPLES)
