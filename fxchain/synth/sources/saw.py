"""A sawtooth."""

import math
from typing import Any

from fxchain.synth.sources.base import Source


def saw(xp: Any, harmonics: Any) -> Any:
    """Return the Fourier coefficients of a sawtooth that falls from 1 to −1.

    Args:
        xp: numpy or torch
        harmonics: (harmonics,) numbers from 1

    Source:
        (2/π) Σ sin(nφ)/n
    """
    return -2.0j / (math.pi * harmonics)


_REALTIME = """
  for (int n = 1; n <= count; ++n) imaginary[n - 1] = -2.0 / (kPi * n);
"""

SOURCE = Source("saw", "Sawtooth", saw, realtime=_REALTIME)
