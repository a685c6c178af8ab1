"""What is known about knobs before anything is heard: rest is likely, much of an effect is not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.stage import Slot

#: A knob moves so many standard deviations at most.
REACH = 3.0

#: Standard deviation by control, in the control's unit; on a logarithmic scale a factor.
_SENSIBLE: dict[str, float] = {
    "low_shelf_filter.gain_db": 3.5,
    "peak_filter.gain_db": 3.5,
    "high_shelf_filter.gain_db": 3.5,
    "cutoff_frequency_hz": 1.5,
    "q": 1.4,
    "gain.gain_db": 7.0,
    "mix.weight": 0.5,
    "drive_db": 8.0,
    "compressor.threshold_db": 9.0,
    "compressor.ratio": 3.0,
    "compressor.attack_ms": 2.5,
    "compressor.release_ms": 2.0,
    "stereo.width": 0.35,
    "stereo.balance_db": 1.5,
    "delay.mix": 0.12,
    "reverb.wet_level": 0.2,
    "reverb.dry_level": 0.15,
    "reverb.room_size": 0.25,
    "reverb.damping": 0.25,
}
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
    deviation = _SENSIBLE.get(slot.name, _SENSIBLE.get(slot.spec.name))
    width = _OTHERWISE if deviation is None else _width(slot.spec, deviation)
    lowest = slot.spec.normalize(0.0) if slot.kind == "mix" and start >= 0.0 else 0.0
    return slot.spec.normalize(start), width, lowest


def _width(spec: ParameterSpec, deviation: float) -> float:
    """Return a deviation in the unit cube."""
    if spec.scale == "log":
        return float(np.log(deviation) / np.log(spec.high / spec.low))
    return deviation / (spec.high - spec.low)
