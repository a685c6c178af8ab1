"""A wave that was measured: one cycle, by its harmonics."""

from typing import Any

import numpy as np

from fxchain.synth.sources.base import Source


def single_cycle(xp: Any, harmonics: Any, cycle: Any) -> Any:
    """Return the Fourier coefficients of a measured wave.

    Args:
        xp: numpy or torch
        harmonics: (harmonics,) numbers from 1
        cycle: those that were measured, complex, from the first on; all others are 0
    """
    count = min(len(harmonics), len(cycle))
    found = xp.zeros(len(harmonics), dtype=xp.complex128)
    found[:count] = xp.asarray(np.array(cycle[:count], dtype=np.complex128))
    return found


_REALTIME = """
  for (int n = 1; n <= std::min(count, static_cast<int>(cycle.size() / 2)); ++n) {
    real[n - 1] = cycle[2 * n - 2];
    imaginary[n - 1] = cycle[2 * n - 1];
  }
"""

SOURCE = Source(
    "single_cycle", "Single-cycle wave", single_cycle, realtime=_REALTIME, measured=True
)
