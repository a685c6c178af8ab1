"""A pulse wave with a width."""

import math
from typing import Any

from fxchain.parameter import ParameterSpec
from fxchain.synth.sources.base import Source


def pulse(xp: Any, harmonics: Any, width: Any) -> Any:
    """Return the Fourier coefficients of a pulse wave between −1 and 1, without its mean.

    Args:
        xp: numpy or torch
        harmonics: (harmonics,) numbers from 1
        width: share of the period in which it is high

    Source:
        (4/π) Σ sin(πnw) cos(nφ − πnw)/n, which is a square wave for w = ½
    """
    angle = math.pi * harmonics * width
    return 4.0 * xp.sin(angle) * xp.exp(-1.0j * angle) / (math.pi * harmonics)


_REALTIME = """
  for (int n = 1; n <= count; ++n) {
    const double angle = kPi * n * knobs.width;
    const double size = 4.0 * sin(angle) / (kPi * n);
    real[n - 1] = size * cos(angle);
    imaginary[n - 1] = -size * sin(angle);
  }
"""

SOURCE = Source(
    "pulse",
    "Pulse",
    pulse,
    (ParameterSpec("width", "", 0.05, 0.5, 0.5, prior_deviation=0.15),),
    _REALTIME,
)
