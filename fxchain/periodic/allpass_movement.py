"""All-passes whose corners follow oscillators: what they play, and where better ones lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fxchain.dsp.allpass_loop import AllpassLoop
from fxchain.periodic.colours import convolved
from fxchain.periodic.copy_filters import left_behind, solve_filters
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.swings import Swings
from fxchain.player.moving_allpass import one_pole_gain

Vector = NDArray[np.float64]

#: Corners of high-pass and low-pass in the loop, Hz: at first, and from where to where.
LOOP_HZ, LOOP_RANGES_HZ = (20.0, 12_000.0), ((1.0, 2_000.0), (500.0, 20_000.0))
MOST_FEEDBACK = 0.95
#: Weight of the penalty on what is not heard: octaves by which the all-passes differ, and corners
#: of the loop, relative to the energy of the wet.
PENALTY = 1e-4


@dataclass(frozen=True, eq=False)
class AllpassMovement:
    """All-passes that move.

    Attributes:
        swings: the corner, octaves above 1 kHz
        octaves: (stages,), by which the corner of each is higher
        feedback: what is subtracted from the input
        loop_octaves: corners of high-pass and low-pass in the loop, octaves above `LOOP_HZ`
    """

    swings: Swings
    octaves: Vector
    feedback: float
    loop_octaves: tuple[float, float] = (0.0, 0.0)

    def values(self) -> dict[str, float]:
        """Return the controls of `modulated_allpass` that are no movement."""
        high, low = (float(hertz) for hertz in self._loop_hz())
        return {"feedback": self.feedback, "loop_highpass_hz": high, "loop_lowpass_hz": low}

    def played(self, part: MeasuredPart) -> Vector:
        """Return the copy of the dry, (channels, samples)."""
        return self._recursion(part).play(part.dry)

    def moved(self, step: Vector) -> "AllpassMovement":
        """Return it with everything changed, within what the effect allows."""
        own = len(self.octaves) + 3
        swung, rest = step[:-own], step[-own:]
        octaves = self.octaves + rest[:-3]
        ranges = np.log2(np.array(LOOP_RANGES_HZ) / np.array(LOOP_HZ)[:, None])
        loop = np.clip(np.array(self.loop_octaves) + rest[-2:], ranges[:, 0], ranges[:, 1])
        feedback = float(np.clip(self.feedback + rest[-3], -MOST_FEEDBACK, MOST_FEEDBACK))
        swings = self.swings.moved(swung)
        return AllpassMovement(swings, octaves, feedback, (float(loop[0]), float(loop[1])))

    def normal_equations(self, part: MeasuredPart, taps: int) -> tuple[Vector, Vector]:
        """Return the equations of a Gauss–Newton step, the filters solved and held.

        The corner moves so slowly that a change of it at one time is heard at that time alone.

        Returns:
            (unknowns, unknowns) and (unknowns,): weights and rates of the oscillators, octaves,
            feedback, corners of high-pass and low-pass
        """
        loop = self._recursion(part)
        copies, apart = loop.played(part.dry)
        solved = solve_filters(part, copies, taps)
        rests = left_behind(part, copies, solved)
        own = self._own_slopes(loop, apart, part.sample_rate)
        slopes = self.swings.slopes(part.times()).T
        count = len(slopes) + len(own)
        normal, right = np.zeros((count, count)), np.zeros(count)
        common = own[: len(self.octaves)].sum(axis=0)
        for number, (colours, rest) in enumerate(zip(solved, rests, strict=True)):
            rows = np.concatenate([slopes * common[number], own[:, number]])
            jacobian = convolved(rows, colours.copy)
            normal, right = normal + jacobian @ jacobian.T, right + jacobian @ rest
        kept = np.concatenate([self.octaves, [0.0], self.loop_octaves])
        at = np.arange(count - len(kept), count)
        weight = PENALTY * float(np.sum(part.wet**2))
        normal[at, at] += weight
        right[at] -= weight * kept
        return normal, right

    def _own_slopes(self, loop: AllpassLoop, apart: Vector, rate: float) -> Vector:
        """Return the derivatives of the copy by octaves, feedback and the corners of the loop,
        (unknowns, channels, samples)."""
        still, found = np.zeros_like(loop.gains), []
        for stage in range(len(self.octaves)):
            moved = still.copy()
            moved[:, stage] = _gain_slope(loop.gains[:, stage])
            found.append(loop.tangent(apart, moved, np.zeros(3)))
        _, low, high = loop.loop
        for direction in (
            [1.0, 0.0, 0.0],
            [0.0, 0.0, _gain_slope(high)],
            [0.0, _gain_slope(low), 0.0],
        ):
            found.append(loop.tangent(apart, still, np.array(direction)))
        return np.stack(found)

    def _recursion(self, part: MeasuredPart) -> AllpassLoop:
        octaves = self.swings.at(part.times())
        return feeding_back(octaves, self.octaves, self.feedback, part.sample_rate, self._loop_hz())

    def _loop_hz(self) -> Vector:
        return np.array(LOOP_HZ) * np.exp2(self.loop_octaves)


def feeding_back(
    octaves: Vector,
    higher: Vector,
    feedback: float,
    sample_rate: float,
    loop_hz: Sequence[float] | Vector = LOOP_HZ,
) -> AllpassLoop:
    """Return all-passes along a corner.

    Args:
        octaves: (samples,), above 1 kHz
        higher: (stages,), octaves
        feedback: what is subtracted from the input
        sample_rate: Hz
        loop_hz: corners of high-pass and low-pass in the loop
    """
    gains = one_pole_gain(1_000.0 * np.exp2(octaves[:, None] + higher), sample_rate)
    high, low = (float(one_pole_gain(hertz, sample_rate)) for hertz in loop_hz)
    return AllpassLoop(np.ascontiguousarray(gains), np.array([feedback, low, high]))


def _gain_slope(gain: Vector) -> Vector:
    """Return the derivative of g/(1 + g), g = tan(x), by octaves of x."""
    g = gain / (1.0 - gain)
    x = np.arctan(g)
    return np.asarray(np.log(2.0) * x * (1.0 + g * g) / (1.0 + g) ** 2)
