"""All-passes whose corners follow oscillators: what they play, and how that changes with them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fxchain.dsp.allpass_loop import AllpassLoop
from fxchain.periodic.copy_path import Family
from fxchain.periodic.loop_knobs import LoopKnobs, gain_slope
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.swings import Swings
from fxchain.player.loop_filter import one_pole_gain

Vector = NDArray[np.float64]

#: Corners that are told apart: the lowest, Hz, the highest as a share of the sample rate, how many
#: to an octave, and what a change by an octave costs, as a share of the mean energy of a window.
LOWEST_HZ, HIGHEST_SHARE, TO_AN_OCTAVE, CHANGE_PRICE = 60.0, 0.4, 5, 0.1


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


@dataclass(frozen=True)
class AllpassStart:
    """Equal all-passes whose corner is followed, a `Start`; in octaves above 1 kHz.

    Attributes:
        stages: how many
        feedback: around them
    """

    stages: int
    feedback: float

    def family(self, sample_rate: float) -> Family:
        """Return what they make of a signal while their corner is steady."""
        octaves = np.log2(HIGHEST_SHARE * sample_rate / LOWEST_HZ)
        numbers = np.arange(TO_AN_OCTAVE * octaves + 1.0)
        corners = 1_000.0 * np.exp2(self.values(numbers, sample_rate))

        def copies(signals: Vector) -> Callable[[int], Vector]:
            samples = signals.shape[1]
            size = int(scipy.fft.next_fast_len(samples + round(0.05 * sample_rate), real=True))
            spectra = scipy.fft.rfft(signals, size)
            z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)

            def copy(number: int) -> Vector:
                g = np.tan(np.pi * corners[number] / sample_rate)
                turned = (((g - 1.0) + (g + 1.0) * z) / ((g + 1.0) + (g - 1.0) * z)) ** self.stages
                filtered = spectra * (turned / (1.0 + self.feedback * turned))
                return np.asarray(scipy.fft.irfft(filtered, size)[:, :samples])

            return copy

        return Family(copies, len(corners), CHANGE_PRICE / TO_AN_OCTAVE)

    def values(self, numbers: Vector, sample_rate: float) -> Vector:
        """Return corners by their numbers."""
        return np.asarray(np.log2(LOWEST_HZ / 1_000.0) + numbers / TO_AN_OCTAVE)

    def played(self, part: MeasuredPart, values: Vector) -> Vector:
        """Return the copy along a corner."""
        higher, loop = np.zeros(self.stages), LoopKnobs(self.feedback)
        return allpasses(values, higher, loop, part.sample_rate).play(part.dry)

    def movement(self, swings: Swings) -> AllpassMovement:
        """Return them with oscillators."""
        return AllpassMovement(swings, np.zeros(self.stages), LoopKnobs(self.feedback))


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
