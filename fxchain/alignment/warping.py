"""A recording read at any positions, by a sinc under a Kaiser window.

Source:
    T. I. Laakso, V. Välimäki, M. Karjalainen, U. K. Laine, "Splitting the unit delay", IEEE Signal
    Processing Magazine 13 (1996).
"""

import numpy as np
from numpy.typing import NDArray

#: Half the length of the sinc, samples, and the parameter of its window.
REACH, BETA = 16, 8.0
#: Positions between two samples of which the sinc is known; between them it is interpolated.
STEPS = 512
#: So many positions are read at a time.
_BLOCK = 1 << 15


def warped(audio: NDArray[np.floating], positions: NDArray[np.float64]) -> NDArray[np.floating]:
    """Return audio at positions.

    Args:
        audio: (channels, samples); silence before and after it
        positions: (others,), samples; they may lie outside

    Returns:
        (channels, others), in the precision of the audio
    """
    table = _kernels()
    padded = np.pad(audio, ((0, 0), (REACH, REACH + 1)))
    made = np.empty((len(audio), len(positions)), audio.dtype)
    inside = np.clip(positions, -1.0, float(audio.shape[-1]))
    for begin in range(0, len(positions), _BLOCK):
        at = inside[begin : begin + _BLOCK]
        whole = np.floor(at).astype(int)
        fine = (at - whole) * STEPS
        row = np.minimum(fine.astype(int), STEPS - 1)  # a tiny distance below 0 is rounded to 1
        part = (fine - row)[:, None]
        kernels = (1.0 - part) * table[row] + part * table[row + 1]
        places = np.clip(whole[:, None] + np.arange(1, 2 * REACH + 1), 0, padded.shape[-1] - 1)
        made[:, begin : begin + len(at)] = np.einsum("tk,ctk->ct", kernels, padded[:, places])
    return made


def _kernels() -> NDArray[np.float64]:
    """Return the sinc for each fraction of a sample, (STEPS + 1, 2·REACH)."""
    fractions = np.arange(STEPS + 1)[:, None] / STEPS
    at = np.arange(1 - REACH, REACH + 1) - fractions
    window = np.i0(BETA * np.sqrt(np.clip(1.0 - (at / REACH) ** 2, 0.0, None))) / np.i0(BETA)
    return np.asarray(np.sinc(at) * window)
