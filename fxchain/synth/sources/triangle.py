"""A triangle wave."""

import math
from typing import Any

from fxchain.synth.sources.base import Source


def triangle(xp: Any, harmonics: Any) -> Any:
    """Return the Fourier coefficients of a triangle wave between −1 and 1.

    Args:
        xp: numpy or torch
        harmonics: (harmonics,) numbers from 1

    Source:
        (8/π²) Σ sin(πn/2) sin(nφ)/n²
    """
    return -8.0j * xp.sin(0.5 * math.pi * harmonics) / (math.pi * harmonics) ** 2


_REALTIME = """
  for (int n = 1; n <= count; n += 2) {
    const double sign = n % 4 == 1 ? 1.0 : -1.0;
    imaginary[n - 1] = -8.0 * sign / (kPi * n * (kPi * n));
  }
"""

SOURCE = Source("triangle", "Triangle", triangle, realtime=_REALTIME)
