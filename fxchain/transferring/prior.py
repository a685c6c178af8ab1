"""What is known about knobs before anything is heard: rest is likely, much of an effect is not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.stage import Slot

#: A knob moves so many standard deviations at most.
REACH = 3.0

#: The deviation of any other control, in the unit cube.
_OTHERWISE = 0.15


@dataclass(frozen=True, eq=False)
class Prior:
    """A Gaussian over the knobs, each on its own, in the unit cube of their ranges.

    Attributes:
        mean: (knobs,)
        deviation: (knobs,)
        lowest: (knobs,), where no knob goes below
    """

    mean: np.ndarray
    deviation: np.ndarray
    lowest: np.ndarray

    @property
    def low(self) -> np.ndarray:
        """Return where each knob's way begins, (knobs,)."""
        return np.maximum(self.mean - REACH * self.deviation, self.lowest)

    @property
    def high(self) -> np.ndarray:
        """Return where it ends, (knobs,)."""
        return np.minimum(self.mean + REACH * self.deviation, 1.0)

    def only(self, knobs: slice) -> "Prior":
        """Return the prior of some of the knobs."""
        return Prior(self.mean[knobs], self.deviation[knobs], self.lowest[knobs])


def sensible(slots: Sequence[Slot], start: np.ndarray) -> Prior:
    """Return the prior of some controls.

    Args:
        slots: the controls
        start: (controls,), physical, where the chain is at rest: the means
    """
    found = [_of(slot, float(value)) for slot, value in zip(slots, start, strict=True)]
    return Prior(*(np.array(numbers) for numbers in zip(*found, strict=True)))


def _of(slot: Slot, start: float) -> tuple[float, float, float]:
    """Return mean, deviation and lowest position of a control in the unit cube."""
    deviation = slot.spec.prior_deviation
    width = _OTHERWISE if deviation is None else _width(slot.spec, deviation)
    lowest = slot.spec.normalize(0.0) if slot.kind == "mix" and start >= 0.0 else 0.0
    return slot.spec.normalize(start), width, lowest


def _width(spec: ParameterSpec, deviation: float) -> float:
    """Return a deviation in the unit cube."""
    if spec.scale == "log":
        return float(np.log(deviation) / np.log(spec.high / spec.low))
    return deviation / (spec.high - spec.low)
