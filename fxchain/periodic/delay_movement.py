"""A delay that follows oscillators: what it plays, and how that changes with it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fxchain.dsp.delay_loop import DelayLoop
from fxchain.periodic.loop_knobs import LoopKnobs
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.swings import Swings

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DelayMovement:
    """A delay that moves, a `Movement`.

    Its unknowns are feedback, corners of high-pass and low-pass; none where there is no loop.

    Attributes:
        swings: the delay, s
        loop: feedback and its filters; None: nothing is fed back
    """

    swings: Swings
    loop: LoopKnobs | None = None

    def played(self, part: MeasuredPart) -> Vector:
        """Return the copy of the dry, (channels, samples)."""
        return self._recursion(part).play(part.dry)

    def linearized(self, part: MeasuredPart) -> tuple[Vector, Vector, Vector]:
        """Return the copy and its derivatives, see `Movement`."""
        recursion = self._recursion(part)
        copies, apart = recursion.played(part.dry)
        moves = np.where(recursion.delays > 0.0, part.sample_rate, 0.0)
        common, still = recursion.tangent(apart, moves, np.zeros(3)), np.zeros_like(moves)
        loop = () if self.loop is None else self.loop.slopes(part.sample_rate)
        own = [recursion.tangent(apart, still, row) for row in loop]
        return copies, common, np.reshape(own, (len(own), *common.shape))

    def held(self) -> Vector:
        """Return the octaves of the loop."""
        return np.array([] if self.loop is None else [0.0, *self.loop.octaves])

    def moved(self, step: Vector) -> "DelayMovement":
        """Return it with everything changed."""
        if self.loop is None:
            return replace(self, swings=self.swings.moved(step))
        return DelayMovement(self.swings.moved(step[:-3]), self.loop.moved(step[-3:]))

    def _recursion(self, part: MeasuredPart) -> DelayLoop:
        late = np.maximum(self.swings.at(part.times()), 0.0) * part.sample_rate
        return delayed(late, self.loop or LoopKnobs(), part.sample_rate)


def delayed(samples: Vector, loop: LoopKnobs, sample_rate: float) -> DelayLoop:
    """Return a line along a delay.

    Args:
        samples: (samples,), the delay
        loop: feedback and its filters
        sample_rate: Hz
    """
    return DelayLoop(np.ascontiguousarray(samples, np.float64), loop.gains(sample_rate))
