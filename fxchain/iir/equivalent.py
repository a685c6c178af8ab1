"""Filters that are to stand in the place of others, fitted to their response.

With H the response that is there, Q that of the new ones, w the power of the signal behind them
over frequency, Σw = 1, the distance of the two is

    d = min_{g, τ} Σ w·|g·Q·exp(−iωτ) / H − 1|²,

the error-to-signal ratio that the exchange makes at that place, τ = 0 but where the latency is
fitted. No audio is played.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.iir.response_distance import ResponseDistance, Spectrum
from fxchain.optim.budget import Budget
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.structure.canonical_tree import Unit

#: Second-order steps of those that are tried, and of those that are kept.
FIRST, FURTHER = LevenbergMarquardt(8), LevenbergMarquardt(40)


@dataclass(frozen=True)
class Equivalent:
    """Filters in the place of others.

    Attributes:
        units: the filters
        gain_db: what their response is to be raised by
        distance: see the module
        delay_samples: what they are to be delayed by
    """

    units: tuple[Unit, ...]
    gain_db: float
    distance: float
    delay_samples: float = 0.0

    @property
    def knobs(self) -> int:
        """Return how many controls they have."""
        return sum(len(unit.values) for unit in self.units)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of the filters, sorted."""
        return tuple(sorted(unit.primitive.kind for unit in self.units))


def distance_of(of: Equivalent) -> float:
    """Return its distance."""
    return of.distance


def fitted(units: Sequence[Unit], wanted: Spectrum, steps: LevenbergMarquardt) -> Equivalent:
    """Return filters where second-order steps lead."""
    error = ResponseDistance(units, wanted)
    cube = error.cube
    if len(cube):
        cube = steps.minimize(error, cube, Budget()).cube
    residual, gain = error.at(cube)
    return Equivalent(
        error.units(cube),
        20.0 * float(np.log10(max(gain, 1e-6))),
        float(np.square(residual).sum()),
        error.delay_samples(cube),
    )
