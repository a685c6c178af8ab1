"""Measured all-passes that move: their number and oscillators, and two filters, from a pair.

    y = h₀ * x + h₁ * w,    w = x behind all-passes of first order, with feedback

The corner that all have is followed through short windows, for several numbers of all-passes, first
with two levels, then behind the two filters; it becomes a Fourier series of one or two rates in
octaves. Steps over rates, weights, the corner of each all-pass, feedback and its filters follow,
see `movement_steps`: first at a low sample rate, then at that of the recording. All channels have
one movement, each has filters of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.periodic.allpass_movement import AllpassMovement, AllpassStart
from fxchain.periodic.copy_filters import (
    best_length,
    responses_asset,
    solve_filters,
    tables_asset,
)
from fxchain.periodic.measured_part import measured_part
from fxchain.periodic.movement_search import find_movement
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.player import Asset

#: About the sample rate at which the corner is followed, Hz.
LOW_RATE = 22_050
#: Numbers of all-passes, and feedback, that are tried.
STAGES, FEEDBACK = (2, 4, 6, 8, 10), (0.0, 0.5, -0.5)
#: Steps of each that is followed, of the best, and of that at the rate of the recording.
STEPS = (3, 8, 2)
#: The shortest part, s.
LEAST_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class MeasuredAllpass:
    """All-passes that move, and what they leave.

    Attributes:
        corners: one period of each of two oscillators, as `modulated_allpass` takes them
        stages: octaves of each all-pass, likewise
        responses: of the dry and of the copy, likewise
        values: of its feedback and the filters in that
        rates_hz: of one or two oscillators
        checked: error-to-signal ratio on parts from which the filters were not solved, each left
            out in turn; the corner was followed in all of them
        constant: the same of filters without a copy that moves
    """

    corners: Asset
    stages: Asset
    responses: Asset
    values: dict[str, float]
    rates_hz: tuple[float, ...]
    checked: float
    constant: float


def measure_allpass(
    part: AlignedAudio,
    sample_rate: int,
    first_sample: int = 0,
    over: Callable[[], bool] = lambda: False,
) -> MeasuredAllpass | SlowMovement | None:
    """Measure the all-passes that move between one signal and another.

    Args:
        part: a chain's output and the wet
        sample_rate: Hz
        first_sample: position of the part in the recording, from which the phase counts
        over: tells when no further step is made

    Returns:
        None where the part is too short, or no all-passes that move explain it; slow movement
        where some do that do not move once in it
    """
    known = measured_part(part, sample_rate, first_sample, LEAST_SECONDS)
    if known is None:
        return None
    starts = [AllpassStart(*each) for each in product(STAGES, FEEDBACK)]
    movement = find_movement(known, LOW_RATE, starts, STEPS, over)
    if not isinstance(movement, AllpassMovement):
        return movement
    copies = movement.played(known)
    taps, checked, constant = best_length(known, copies)
    responses = responses_asset(solve_filters(known, copies, taps), sample_rate)
    return MeasuredAllpass(
        tables_asset(movement.swings, 1.0, sample_rate),
        Asset(movement.octaves[None].astype(np.float32), sample_rate),
        responses,
        movement.loop.values(),
        movement.swings.rates_hz,
        checked,
        constant,
    )
