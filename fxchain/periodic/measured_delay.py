"""A measured delay that moves: its oscillators, and two filters, by least squares from a pair.

    y = h₀ * x + h₁ * w,    w(t) = x(t − d(t))

The delay is followed through short windows, first with two levels, then behind the two filters; it
becomes a Fourier series of one or two rates, and Gauss–Newton steps over rates and weights follow,
the filters solved anew at each: first below half of a low sample rate, then of the recording's. All
channels have one delay, each has filters of its own.

Source:
    variable projection, G. H. Golub and V. Pereyra, 1973, with the filters as the linear variables.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.periodic.colours import convolved
from fxchain.periodic.copy_filters import (
    FIRST_LENGTH,
    best_length,
    copied_and_rest,
    left_behind,
    responses_asset,
    share_left,
    solve_filters,
    tables_asset,
)
from fxchain.periodic.copy_path import Family, copy_path, heard_weights, refined_path
from fxchain.periodic.measured_part import MeasuredPart, measured_part
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.periodic.swings import Swings, find_swings
from fxchain.player import Asset

Vector = NDArray[np.float64]

#: About the sample rate at which the delay is followed, Hz, and the rounds behind filters.
COARSE_RATE, ROUNDS = 11_025, 3
#: The longest delay, s, and what a change by 1 ms costs, as a share of the mean energy of a window.
LONGEST_SECONDS, CHANGE_PRICE = 0.02, 0.15
#: Steps at each rate.
STEPS = 5
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
    """

    delays: Asset
    responses: Asset
    rates_hz: tuple[float, ...]
    checked: float
    constant: float


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
    down = max(round(sample_rate / COARSE_RATE), 1)
    coarse = known.slower(down)
    followed = _followed(coarse)
    if followed is None:
        return None
    swings, late = followed
    if swings.too_slow:
        _, checked, constant = best_length(coarse, _late(coarse.dry, late))
        return SlowMovement(checked, constant, known.seconds)
    for each in dict.fromkeys((coarse, known)):
        swings = _stepped(swings, each, over)
    copies = _late(known.dry, _samples_late(known, swings))
    taps, checked, constant = best_length(known, copies)
    responses = responses_asset(solve_filters(known, copies, taps), sample_rate)
    delays = tables_asset(swings, 1e3, sample_rate)
    return MeasuredDelay(delays, responses, swings.rates_hz, checked, constant)


def _followed(part: MeasuredPart) -> tuple[Swings, Vector] | None:
    """Return the oscillators of the delay by its path through short windows, and the path itself:
    the delay of each sample, samples. None where a delay that moves leaves too much."""
    rate, taps = part.sample_rate, round(FIRST_LENGTH * part.sample_rate)
    family = _family(rate)
    path = copy_path(part.dry, part.wet, rate, family)
    at = np.arange(part.samples)
    for _ in range(ROUNDS):
        copies = _late(part.dry, np.interp(at, path.times, path.numbers))
        solved = solve_filters(part, copies, taps)
        if share_left(part, left_behind(part, copies, solved)) > WORTH_A_TRY:
            return None
        u, rest = copied_and_rest(part, solved)
        path = refined_path(u, rest, rate, family)
    times, weights = path.times, heard_weights(u, path.times, rate)
    swings = find_swings(part.times()[0] + times / rate, path.numbers / rate, weights)
    return None if swings is None else (swings, np.interp(at, times, path.numbers))


def _stepped(swings: Swings, part: MeasuredPart, over: Callable[[], bool]) -> Swings:
    """Return the oscillators behind Gauss–Newton steps."""
    times, taps = part.times(), round(FIRST_LENGTH * part.sample_rate)
    falling = -np.gradient(part.dry, 1.0 / part.sample_rate, axis=1)
    best, least = swings, np.inf
    for number in range(STEPS + 1):
        late = _samples_late(part, swings)
        copies = _late(part.dry, late)
        solved = solve_filters(part, copies, taps)
        rests = left_behind(part, copies, solved)
        loss = float(np.sum(rests**2))
        if not loss < least:
            break
        best, least = swings, loss
        if number == STEPS or over():
            break
        slopes = swings.slopes(times).T
        normal, right = np.zeros((len(slopes),) * 2), np.zeros(len(slopes))
        for colours, slope, rest in zip(solved, _late(falling, late), rests, strict=True):
            jacobian = convolved(slope * slopes, colours.copy)
            normal, right = normal + jacobian @ jacobian.T, right + jacobian @ rest
        scale = np.sqrt(np.diag(normal)) + 1e-30
        normal = normal / scale / scale[:, None] + 1e-4 * np.eye(len(scale))
        swings = swings.moved(np.linalg.solve(normal, right / scale) / scale)
    return best


def _family(sample_rate: float) -> Family:
    """Return the delays of whole samples."""

    def copies(signals: Vector) -> Callable[[int], Vector]:
        samples = signals.shape[1]
        return lambda late: np.pad(signals, ((0, 0), (late, 0)))[:, :samples]

    return Family(copies, round(LONGEST_SECONDS * sample_rate), CHANGE_PRICE * 1e3 / sample_rate)


def _samples_late(part: MeasuredPart, swings: Swings) -> Vector:
    return np.maximum(swings.at(part.times()), 0.0) * part.sample_rate


def _late(signals: Vector, samples: Vector) -> Vector:
    """Return signals that are late by a number of samples, as the effect reads them: linearly."""
    at = np.arange(signals.shape[-1])
    return np.stack([np.interp(at - samples, at, each, left=0.0) for each in signals])
