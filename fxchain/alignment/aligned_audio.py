"""A dry and a wet recording on one time axis."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class AlignedAudio:
    """Dry and wet, equally long.

    Attributes:
        dry: (channels, samples), float32
        wet: (channels, samples), float32
        first_valid: index of the first sample at which the wet is known; what lies before it is
            played but not compared
    """

    dry: NDArray[np.float32]
    wet: NDArray[np.float32]
    first_valid: int
