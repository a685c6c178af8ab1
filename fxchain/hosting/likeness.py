"""Whether two outputs are the same."""

import numpy as np

#: An output that is equal but for such a share of its energy is the same.
SAME = 1e-7


def energy(audio: np.ndarray) -> float:
    """Return the sum of squares of audio of any shape."""
    return float(np.sum(np.square(audio, dtype=np.float64)))


def same(one: np.ndarray, other: np.ndarray, share: float = SAME) -> bool:
    """Tell whether two signals differ by at most a share of the energy of the louder one."""
    return energy(one - other) <= share * max(energy(one), energy(other))
