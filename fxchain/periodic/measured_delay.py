"""A measured delay that moves: its oscillators, feedback, and two filters, from a pair.

    y = h₀ * x + h₁ * w,    w what comes out of a line d(t) late, with feedback

The delay is followed through short windows, first with two levels, then behind the two filters; it
becomes a Fourier series of one or two rates. Steps over rates and weights follow, and over feedback
and its filters where that lowers the error on what is left out, see `movement_steps`: first below
half of a low sample rate, then of the recording's. All channels have one delay, each has filters of
its own. A recording without its dry may have been aligned to any of the delays: where those below
0 leave less, the wet is taken earlier.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.periodic.copy_filters import (
    WORTH_MORE,
    best_length,
    responses_asset,
    solve_filters,
    tables_asset,
)
from fxchain.periodic.delay_movement import LONGEST_SECONDS, DelayMovement, DelayStart
from fxchain.periodic.loop_knobs import LoopKnobs
from fxchain.periodic.measured_part import MeasuredPart, measured_part
from fxchain.periodic.movement_search import find_movement
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.player import Asset

Vector = NDArray[np.float64]

#: About the sample rate at which the delay is followed, Hz.
LOW_RATE = 11_025
#: Feedback that is tried.
FEEDBACK = (0.0, 0.5, -0.5)
#: Steps of each that is followed, of the best, and of that at the rate of the recording.
STEPS = (3, 8, 5)
#: The shortest part, s.
LEAST_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class MeasuredDelay:
    """A delay that moves, and what it leaves.

    Attributes:
        delays: one period of each of two oscillators, as the effect `modulated_delay` takes them
        responses: of the dry and of the copy, likewise
        rates_hz: of one or two oscillators
        checked: error-to-signal ratio on parts from which the filters were not solved, each left
            out in turn; the delay was followed in all of them
        constant: the same of filters without a copy that moves
        values: of its feedback and the filters in that; none where nothing is fed back
        latency_samples: how much later than it was aligned the wet is found to be with it
    """

    delays: Asset
    responses: Asset
    rates_hz: tuple[float, ...]
    checked: float
    constant: float
    values: dict[str, float] = field(default_factory=dict)
    latency_samples: int = 0


def measure_delay(
    part: AlignedAudio,
    sample_rate: int,
    first_sample: int = 0,
    over: Callable[[], bool] = lambda: False,
) -> MeasuredDelay | SlowMovement | None:
    """Measure the delay that moves between one signal and another.

    Args:
        part: a chain's output and the wet
        sample_rate: Hz
        first_sample: position of the part in the recording, from which the phase counts
        over: tells when no further step is made

    Returns:
        None where the part is too short, or no delay that moves explains it; slow movement where
        one does that does not move once in it
    """
    known = measured_part(part, sample_rate, first_sample, LEAST_SECONDS)
    if known is None:
        return None
    starts = [DelayStart(each) for each in FEEDBACK]
    further = [DelayStart(0.0, 0.5 * LONGEST_SECONDS)]
    movement = find_movement(known, LOW_RATE, starts, STEPS, over, further)
    if not isinstance(movement, DelayMovement):
        return movement
    movement, later = movement.from_zero(sample_rate)
    known = known.aligned(later)
    fed, alone = _judged(movement, known), _judged(replace(movement, loop=LoopKnobs()), known)
    found = fed if fed.checked < WORTH_MORE * alone.checked else alone
    responses = responses_asset(solve_filters(known, found.copies, found.taps), sample_rate)
    delays = tables_asset(movement.swings, 1e3, sample_rate)
    values = movement.loop.values() if found is fed else {}
    rates = movement.swings.rates_hz
    left = found.checked, found.constant
    return MeasuredDelay(delays, responses, rates, *left, values, later)


class _Judged(NamedTuple):
    """A copy, (channels, samples), and the length of the filters with what they leave."""

    copies: Vector
    taps: int
    checked: float
    constant: float


def _judged(movement: DelayMovement, part: MeasuredPart) -> _Judged:
    copies = movement.played(part)
    return _Judged(copies, *best_length(part, copies))
