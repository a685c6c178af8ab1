"""A sine."""

from typing import Any

from fxchain.synth.sources.base import Source


def sine(xp: Any, harmonics: Any) -> Any:
    """Return the Fourier coefficients of a sine.

    Args:
        xp: numpy or torch
        harmonics: (harmonics,) numbers from 1
    """
    return -1.0j * xp.where(harmonics == 1.0, xp.ones_like(harmonics), xp.zeros_like(harmonics))


SOURCE = Source("sine", "Sine", sine, realtime="  if (count > 0) imaginary[0] = -1.0;")
