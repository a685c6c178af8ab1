"""The feedback around a copy that moves, and the filters in it, as unknowns of a fit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fxchain.player.loop_filter import one_pole_gain

Vector = NDArray[np.float64]

#: Corners of high-pass and low-pass in the loop, Hz: at first, and from where to where.
LOOP_HZ, LOOP_RANGES_HZ = (20.0, 12_000.0), ((1.0, 2_000.0), (500.0, 20_000.0))
MOST_FEEDBACK = 0.95


@dataclass(frozen=True)
class LoopKnobs:
    """The unknowns.

    Attributes:
        feedback: what is subtracted from the input
        octaves: corners of high-pass and low-pass, octaves above `LOOP_HZ`
    """

    feedback: float = 0.0
    octaves: tuple[float, float] = (0.0, 0.0)

    def values(self) -> dict[str, float]:
        """Return the controls of an effect."""
        high, low = (float(hertz) for hertz in self._hertz())
        return {"feedback": self.feedback, "loop_highpass_hz": high, "loop_lowpass_hz": low}

    def moved(self, step: Vector) -> "LoopKnobs":
        """Return them changed by (3,), feedback first, within what effects allow."""
        ranges = np.log2(np.array(LOOP_RANGES_HZ) / np.array(LOOP_HZ)[:, None])
        octaves = np.clip(np.array(self.octaves) + step[1:], ranges[:, 0], ranges[:, 1])
        feedback = float(np.clip(self.feedback + step[0], -MOST_FEEDBACK, MOST_FEEDBACK))
        return LoopKnobs(feedback, (float(octaves[0]), float(octaves[1])))

    def gains(self, sample_rate: float) -> Vector:
        """Return b, P and Q of a recursion, (3,)."""
        high, low = (float(one_pole_gain(hertz, sample_rate)) for hertz in self._hertz())
        return np.array([self.feedback, low, high])

    def slopes(self, sample_rate: float) -> Vector:
        """Return their derivatives, (3, 3): a row for each unknown."""
        _, low, high = self.gains(sample_rate)
        return np.array(
            [[1.0, 0.0, 0.0], [0.0, 0.0, gain_slope(high)], [0.0, gain_slope(low), 0.0]]
        )

    def _hertz(self) -> Vector:
        return np.array(LOOP_HZ) * np.exp2(self.octaves)


def gain_slope(gain: Vector | float) -> Vector:
    """Return the derivative of g/(1 + g), g = tan(x), by octaves of x."""
    g = gain / (1.0 - gain)
    x = np.arctan(g)
    return np.asarray(np.log(2.0) * x * (1.0 + g * g) / (1.0 + g) ** 2)
