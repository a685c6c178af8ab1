"""The contract of a sound source."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fxchain.parameter import ParameterSpec

#: (numpy or torch, harmonic numbers 1, 2 … as float64, one value for each parameter by its name) ->
#: complex coefficients c of the same shape; the source sounds as Σ Re(c_n e^{inφ}).
Coefficients = Callable[..., Any]


@dataclass(frozen=True)
class Source:
    """A waveform, or noise.

    Attributes:
        kind: its name in patches
        title: what people call it
        coefficients: its Fourier coefficients; None: white noise of standard deviation 1
        parameters: its controls besides octave and weight
        realtime: the same in C++, a body that writes `real[n - 1]` and `imaginary[n - 1]` for n
            from 1 to `count`, which are 0 before, from `knobs`; "" of noise
    """

    kind: str
    title: str
    coefficients: Coefficients | None
    parameters: tuple[ParameterSpec, ...] = ()
    realtime: str = ""

    @property
    def noisy(self) -> bool:
        """Tell whether it is noise, of which each draw is another."""
        return self.coefficients is None
