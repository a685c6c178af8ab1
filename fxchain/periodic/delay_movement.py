"""A delay that follows oscillators: what it plays, and how that changes with it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fxchain.dsp.delay_loop import DelayLoop
from fxchain.periodic.copy_path import Family
from fxchain.periodic.loop_knobs import LoopKnobs
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.swings import Swings

Vector = NDArray[np.float64]

#: The longest delay, s, and what a change by 1 ms costs, as a share of the mean energy of a window.
LONGEST_SECONDS, CHANGE_PRICE = 0.02, 0.15


@dataclass(frozen=True, eq=False)
class DelayMovement:
    """A delay that moves, a `Movement`.

    Its unknowns are feedback, corners of high-pass and low-pass.

    Attributes:
        swings: the delay, s
        loop: feedback and its filters
        ahead_seconds: the delay may be less than 0 by so much
    """

    swings: Swings
    loop: LoopKnobs
    ahead_seconds: float = 0.0

    def played(self, part: MeasuredPart) -> Vector:
        """Return the copy of the dry, (channels, samples)."""
        dry, recursion = self._recursion(part)
        return recursion.play(dry)

    def from_zero(self, sample_rate: float) -> tuple["DelayMovement", int]:
        """Return it with no delay below 0, and how many samples later the wet is for that, ≤ 0."""
        if not self.ahead_seconds:
            return self, 0
        least = sum(float(table.min()) for table in self.swings.tables())
        later = min(math.floor(least * sample_rate), 0)
        return DelayMovement(self.swings.later(-later / sample_rate), self.loop), later

    def linearized(self, part: MeasuredPart) -> tuple[Vector, Vector, Vector]:
        """Return the copy and its derivatives, see `Movement`."""
        dry, recursion = self._recursion(part)
        copies, apart = recursion.played(dry)
        moves = np.where(recursion.delays > 0.0, part.sample_rate, 0.0)
        common, still = recursion.tangent(apart, moves, np.zeros(3)), np.zeros_like(moves)
        loop = self.loop.slopes(part.sample_rate)
        own = [recursion.tangent(apart, still, row) for row in loop]
        return copies, common, np.stack(own)

    def held(self) -> Vector:
        """Return the octaves of the loop."""
        return np.array([0.0, *self.loop.octaves])

    def moved(self, step: Vector) -> "DelayMovement":
        """Return it with everything changed."""
        swings, loop = self.swings.moved(step[:-3]), self.loop.moved(step[-3:])
        return DelayMovement(swings, loop, self.ahead_seconds)

    def _recursion(self, part: MeasuredPart) -> tuple[Vector, DelayLoop]:
        """Return what goes into the line, and that."""
        ahead, seconds = self.ahead_seconds, self.swings.at(part.times())
        line = delayed(seconds + ahead, self.loop, part.sample_rate)
        return _ahead(part.dry, round(ahead * part.sample_rate)), line


@dataclass(frozen=True)
class DelayStart:
    """A delay that is followed, a `Start`; in s.

    Attributes:
        feedback: around it
        ahead_seconds: see `DelayMovement`
    """

    feedback: float
    ahead_seconds: float = 0.0

    def family(self, sample_rate: float) -> Family:
        """Return the delays of whole samples."""

        def copies(signals: Vector) -> Callable[[int], Vector]:
            entering = _ahead(signals, round(self.ahead_seconds * sample_rate))

            def copy(late: int) -> Vector:
                seconds = np.full(signals.shape[1], late / sample_rate)
                return delayed(seconds, LoopKnobs(self.feedback), sample_rate).play(entering)

            return copy

        count, price = round(LONGEST_SECONDS * sample_rate), CHANGE_PRICE * 1e3 / sample_rate
        return Family(copies, count, price)

    def values(self, numbers: Vector, sample_rate: float) -> Vector:
        """Return delays by their numbers."""
        return numbers / sample_rate - self.ahead_seconds

    def played(self, part: MeasuredPart, values: Vector) -> Vector:
        """Return the copy along a delay."""
        line = delayed(values + self.ahead_seconds, LoopKnobs(self.feedback), part.sample_rate)
        return line.play(_ahead(part.dry, round(self.ahead_seconds * part.sample_rate)))

    def movement(self, swings: Swings) -> DelayMovement:
        """Return it with oscillators."""
        return DelayMovement(swings, LoopKnobs(self.feedback), self.ahead_seconds)


def _ahead(signals: Vector, samples: int) -> Vector:
    """Return (channels, samples) so much earlier, with zeros at the end."""
    return np.pad(signals, ((0, 0), (0, samples)))[:, samples:]


def delayed(seconds: Vector, loop: LoopKnobs, sample_rate: float) -> DelayLoop:
    """Return a line along a delay.

    Args:
        seconds: (samples,), the delay, 0 where it is less
        loop: feedback and its filters
        sample_rate: Hz
    """
    samples = np.maximum(seconds, 0.0) * sample_rate
    return DelayLoop(np.ascontiguousarray(samples, np.float64), loop.gains(sample_rate))
