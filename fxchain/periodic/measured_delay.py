"""A measured delay that moves: its oscillators, feedback, and two filters, from a pair.

    y = h₀ * x + h₁ * w,    w what comes out of a line d(t) late, with feedback

The delay is followed through short windows, first with two levels, then behind the two filters; it
becomes a Fourier series of one or two rates. Steps over rates and weights follow, and over feedback
and its filters where that lowers the error on what is left out, see `movement_steps`: first below
half of a low sample rate, then of the recording's. All channels have one delay, each has filters of
its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.periodic.copy_filters import (
    FIRST_LENGTH,
    WORTH_MORE,
    best_length,
    copied_and_rest,
    left_behind,
    responses_asset,
    share_left,
    solve_filters,
    tables_asset,
)
from fxchain.periodic.copy_path import Family, copy_path, heard_weights, refined_path
from fxchain.periodic.delay_movement import DelayMovement, delayed
from fxchain.periodic.loop_knobs import LoopKnobs
from fxchain.periodic.measured_part import MeasuredPart, measured_part
from fxchain.periodic.movement_steps import stepped
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.periodic.swings import find_swings
from fxchain.player import Asset

Vector = NDArray[np.float64]

#: About the sample rate at which the delay is followed, Hz, and the rounds behind filters.
COARSE_RATE, ROUNDS = 11_025, 3
#: Feedback that is tried in so many seconds.
FEEDBACK, TRIED_SECONDS = (0.0, 0.5, -0.5), 4.0
#: The longest delay, s, and what a change by 1 ms costs, as a share of the mean energy of a window.
LONGEST_SECONDS, CHANGE_PRICE = 0.02, 0.15
#: Steps at each rate, and with feedback at the low one.
STEPS, FED_STEPS = 5, 8
#: Where the path leaves more than this share of the wet, no delay moves.
WORTH_A_TRY = 0.3
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
    """

    delays: Asset
    responses: Asset
    rates_hz: tuple[float, ...]
    checked: float
    constant: float
    values: dict[str, float] = field(default_factory=dict)


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
    coarse = known.slower(max(round(sample_rate / COARSE_RATE), 1))
    followed = _followed(coarse)
    if followed is None:
        return None
    movement, copies = followed
    if movement.swings.too_slow:
        _, checked, constant = best_length(coarse, copies)
        return SlowMovement(checked, constant, known.seconds)
    movement = stepped(movement, coarse, STEPS, over)[1]
    movement = _with_feedback(movement, coarse, over)
    if coarse is not known:
        movement = stepped(movement, known, STEPS, over)[1]
    copies = movement.played(known)
    taps, checked, constant = best_length(known, copies)
    responses = responses_asset(solve_filters(known, copies, taps), sample_rate)
    swings, loop = movement.swings, movement.loop
    delays, values = tables_asset(swings, 1e3, sample_rate), loop.values() if loop else {}
    return MeasuredDelay(delays, responses, swings.rates_hz, checked, constant, values)


def _with_feedback(
    movement: DelayMovement, part: MeasuredPart, over: Callable[[], bool]
) -> DelayMovement:
    """Return the delay with feedback, or without where as little of what is left out remains."""
    fed = replace(movement, loop=movement.loop or LoopKnobs())
    fed = stepped(fed, part, FED_STEPS, over)[1]
    without = replace(fed, loop=None)
    left, more = (best_length(part, each.played(part))[1] for each in (fed, without))
    return fed if left < WORTH_MORE * more else without


def _followed(part: MeasuredPart) -> tuple[DelayMovement, Vector] | None:
    """Return the delay by its path through short windows, and the copy along the path itself.

    None where a delay that moves leaves too much.
    """
    here, rate = part.loudest(TRIED_SECONDS), part.sample_rate
    paths = [copy_path(here.dry, here.wet, rate, _family(rate, each)) for each in FEEDBACK]
    feedback = FEEDBACK[int(np.argmin([each.left for each in paths]))]
    loop, taps, at = LoopKnobs(feedback), round(FIRST_LENGTH * rate), np.arange(part.samples)
    family = _family(rate, feedback)
    path = copy_path(part.dry, part.wet, rate, family)
    for _ in range(ROUNDS):
        copies = delayed(np.interp(at, path.times, path.numbers), loop, rate).play(part.dry)
        solved = solve_filters(part, copies, taps)
        if share_left(part, left_behind(part, copies, solved)) > WORTH_A_TRY:
            return None
        u, rest = copied_and_rest(part, solved)
        path = refined_path(u, rest, rate, family)
    weights = heard_weights(u, path.times, rate)
    swings = find_swings(part.times()[0] + path.times / rate, path.numbers / rate, weights)
    if swings is None:
        return None
    copies = delayed(np.interp(at, path.times, path.numbers), loop, rate).play(part.dry)
    return DelayMovement(swings, loop if feedback else None), copies


def _family(sample_rate: float, feedback: float) -> Family:
    """Return the delays of whole samples."""

    def copies(signals: Vector) -> Callable[[int], Vector]:
        def copy(late: int) -> Vector:
            line = delayed(np.full(signals.shape[1], late), LoopKnobs(feedback), sample_rate)
            return line.play(signals)

        return copy

    count, price = round(LONGEST_SECONDS * sample_rate), CHANGE_PRICE * 1e3 / sample_rate
    return Family(copies, count, price)
