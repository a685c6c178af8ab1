"""The prior of the knobs: a Gaussian around values at which the effects do nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.stage import Slot

#: Knobs move at most this many standard deviations.
REACH = 3.0

#: The standard deviation of controls whose spec states none, in the unit cube.
_OTHER_DEVIATION = 0.15


@dataclass(frozen=True, eq=False)
class Prior:
    """Independent Gaussians over the knobs, in the unit cube of their ranges.

    Attributes:
        mean: (knobs,)
        deviation: (knobs,), standard deviations
        lowest: (knobs,), lower limits
    """

    mean: np.ndarray
    deviation: np.ndarray
    lowest: np.ndarray

    @property
    def low(self) -> np.ndarray:
        """Return the lower end of each knob's interval, (knobs,)."""
        return np.maximum(self.mean - REACH * self.deviation, self.lowest)

    @property
    def high(self) -> np.ndarray:
        """Return the upper end of each knob's interval, (knobs,)."""
        return np.minimum(self.mean + REACH * self.deviation, 1.0)

    def only(self, knobs: slice) -> "Prior":
        """Return the prior of some of the knobs."""
        return Prior(self.mean[knobs], self.deviation[knobs], self.lowest[knobs])


def default_prior(slots: Sequence[Slot], start: np.ndarray) -> Prior:
    """Return the default prior of controls.

    Args:
        slots: the controls
        start: (controls,), physical, the means: values at which the chain does nothing
    """
    found = [_of(slot, float(value)) for slot, value in zip(slots, start, strict=True)]
    return Prior(*(np.array(numbers) for numbers in zip(*found, strict=True)))


def _of(slot: Slot, start: float) -> tuple[float, float, float]:
    """Return mean, deviation and lowest position of a control in the unit cube."""
    deviation = slot.spec.prior_deviation
    width = _OTHER_DEVIATION if deviation is None else _width(slot.spec, deviation)
    lowest = slot.spec.normalize(0.0) if slot.kind == "mix" and start >= 0.0 else 0.0
    return slot.spec.normalize(start), width, lowest


def _width(spec: ParameterSpec, deviation: float) -> float:
    """Return a deviation in the unit cube."""
    if spec.scale == "log":
        return float(np.log(deviation) / np.log(spec.high / spec.low))
    return deviation / (spec.high - spec.low)
