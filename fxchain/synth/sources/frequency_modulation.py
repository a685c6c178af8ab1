"""Two sines of which one modulates the phase of the other."""

import math
from typing import Any

from fxchain.parameter import ParameterSpec
from fxchain.synth.sources.base import Source


def frequency_modulation(xp: Any, harmonics: Any, index: Any, ratio: Any) -> Any:
    """Return the Fourier coefficients of sin(φ + index · sin(ratio · φ)).

    They are read off the transform of one period of 512 samples: with an index of at most 8 and a
    ratio of at most 4, what lies above its 256 harmonics is below −300 dB.

    Args:
        xp: numpy or torch
        harmonics: (harmonics,) numbers from 1
        index: of the modulation, rad
        ratio: frequency of the modulator over that of the carrier, rounded to a whole number

    Source:
        Chowning 1973
    """
    angle = 2.0 * math.pi * xp.arange(512, dtype=xp.float64) / 512.0
    transform = xp.fft.rfft(xp.sin(angle + index * xp.sin(xp.round(ratio) * angle))) / 256.0
    count = min(len(harmonics), 255)
    found = xp.zeros(len(harmonics), dtype=xp.complex128)
    found[:count] = transform[1 : count + 1]
    return found


SOURCE = Source(
    "frequency_modulation",
    "FM pair",
    frequency_modulation,
    (
        ParameterSpec("index", "rad", 0.05, 8.0, 1.0, "log"),
        ParameterSpec("ratio", "", 1.0, 4.0, 1.0),
    ),
)
