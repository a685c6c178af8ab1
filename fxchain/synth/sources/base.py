"""The contract of a sound source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fxchain.parameter import ParameterSpec

#: (numpy or torch, harmonic numbers 1, 2 … as float64, one value for each parameter by its name) ->
#: complex coefficients c of the same shape; the source sounds as Σ Re(c_n e^{inφ}). A measured one
#: has `cycle` as a parameter more.
Coefficients = Callable[..., Any]


@dataclass(frozen=True)
class Source:
    """A waveform, or noise.

    Attributes:
        kind: its name in patches
        title: what people call it
        coefficients: its Fourier coefficients; None: white noise, of standard
            deviation 1 at 44.1 kHz and of the same density at any sample rate
        parameters: its controls besides octave and weight
        realtime: the same in C++, a body that writes `real[n - 1]` and `imaginary[n - 1]` for n
            from 1 to `count`, which are 0 before, from `knobs` and the vector `cycle` of real and
            imaginary parts in turn; "" of noise
        measured: its wave stands in the patch, as coefficients of its harmonics
    """

    kind: str
    title: str
    coefficients: Coefficients | None
    parameters: tuple[ParameterSpec, ...] = ()
    realtime: str = ""
    measured: bool = False

    @property
    def noisy(self) -> bool:
        """Tell whether it is noise, of which each draw is another."""
        return self.coefficients is None

    def of_cycle(self, cycle: Sequence[complex]) -> Coefficients | None:
        """Return its coefficients, of a measured source with its wave.

        Args:
            cycle: Fourier coefficients of the wave, from the first harmonic on
        """
        if self.coefficients is None or not self.measured:
            return self.coefficients
        return partial(self.coefficients, cycle=tuple(cycle))
