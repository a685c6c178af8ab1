"""All-passes whose corners follow oscillators: what they play, and how that changes with them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fxchain.dsp.allpass_loop import AllpassLoop
from fxchain.periodic.loop_knobs import LoopKnobs, gain_slope
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.swings import Swings
from fxchain.player.loop_filter import one_pole_gain

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AllpassMovement:
    """All-passes that move, a `Movement`.

    Its unknowns are octaves of the all-passes, feedback, corners of high-pass and low-pass.

    Attributes:
        swings: the corner, octaves above 1 kHz
        octaves: (stages,), by which the corner of each is higher
        loop: feedback and its filters
    """

    swings: Swings
    octaves: Vector
    loop: LoopKnobs

    def played(self, part: MeasuredPart) -> Vector:
        """Return the copy of the dry, (channels, samples)."""
        return self._recursion(part).play(part.dry)

    def linearized(self, part: MeasuredPart) -> tuple[Vector, Vector, Vector]:
        """Return the copy and its derivatives, see `Movement`."""
        recursion = self._recursion(part)
        copies, apart = recursion.played(part.dry)
        still, found = np.zeros_like(recursion.gains), []
        for stage in range(len(self.octaves)):
            moved = still.copy()
            moved[:, stage] = gain_slope(recursion.gains[:, stage])
            found.append(recursion.tangent(apart, moved, np.zeros(3)))
        common = np.sum(found, axis=0)
        loop = self.loop.slopes(part.sample_rate)
        found += [recursion.tangent(apart, still, row) for row in loop]
        return copies, common, np.stack(found)

    def held(self) -> Vector:
        """Return the octaves of all-passes and loop."""
        return np.concatenate([self.octaves, [0.0], self.loop.octaves])

    def moved(self, step: Vector) -> "AllpassMovement":
        """Return it with everything changed."""
        at = len(step) - len(self.octaves) - 3
        return replace(
            self,
            swings=self.swings.moved(step[:at]),
            octaves=self.octaves + step[at:-3],
            loop=self.loop.moved(step[-3:]),
        )

    def _recursion(self, part: MeasuredPart) -> AllpassLoop:
        octaves = self.swings.at(part.times())
        return allpasses(octaves, self.octaves, self.loop, part.sample_rate)


def allpasses(octaves: Vector, higher: Vector, loop: LoopKnobs, sample_rate: float) -> AllpassLoop:
    """Return all-passes along a corner.

    Args:
        octaves: (samples,), above 1 kHz
        higher: (stages,), octaves
        loop: feedback and its filters
        sample_rate: Hz
    """
    gains = one_pole_gain(1_000.0 * np.exp2(octaves[:, None] + higher), sample_rate)
    return AllpassLoop(np.ascontiguousarray(gains), loop.gains(sample_rate))
