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


# By Bessel functions J_k(index), the series Σ_k J_k sin((1 + k · ratio)φ): they follow from their
# recurrence downwards, J_{k−1} = 2k/index · J_k − J_{k+1}, scaled by J_0 + 2 ΣJ_{2k} = 1 (Miller's
# algorithm; Abramowitz and Stegun 9.12). Of the whole sum none is left out that passes −300 dB.
_REALTIME = """
  constexpr int kMost = 60;
  double bessel[kMost + 2] = {};
  bessel[kMost] = 1e-300;
  for (int k = kMost; k > 0; --k) {
    bessel[k - 1] = 2.0 * k / knobs.index * bessel[k] - bessel[k + 1];
    if (std::fabs(bessel[k - 1]) > 1e200)
      for (int j = k - 1; j <= kMost; ++j) bessel[j] *= 1e-200;
  }
  double total = bessel[0];
  for (int k = 2; k <= kMost; k += 2) total += 2.0 * bessel[k];
  const int ratio = static_cast<int>(std::nearbyint(knobs.ratio));
  for (int k = -kMost; k <= kMost; ++k) {
    const int harmonic = 1 + k * ratio, n = harmonic < 0 ? -harmonic : harmonic;
    if (n == 0 || n > count) continue;
    const bool negative = (harmonic < 0) != (k < 0 && k % 2 != 0);  // J_{-k} = (-1)^k J_k
    const double size = bessel[k < 0 ? -k : k] / total;
    imaginary[n - 1] += negative ? size : -size;
  }
"""

SOURCE = Source(
    "frequency_modulation",
    "FM pair",
    frequency_modulation,
    (
        ParameterSpec("index", "rad", 0.05, 8.0, 1.0, "log"),
        ParameterSpec("ratio", "", 1.0, 4.0, 1.0),
    ),
    _REALTIME,
)
