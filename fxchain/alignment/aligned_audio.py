"""A dry and a wet recording on one time axis."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.fractional_delay import REACH, advanced


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

    def shifted(self, samples: float) -> Self:
        """Return the same with the wet earlier by a fraction of a sample.

        What interpolation does not know, `REACH` samples at both ends, is not compared.

        Args:
            samples: at most a few
        """
        known = slice(0, self.wet.shape[-1] - REACH)
        wet, first_valid = advanced(self.wet, samples)[:, known], self.first_valid + REACH
        return replace(self, dry=self.dry[:, known], wet=wet, first_valid=first_valid)
