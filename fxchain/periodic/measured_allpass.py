"""Measured all-passes that move: their number and oscillators, and two filters, from a pair.

    y = h₀ * x + h₁ * w,    w = x behind all-passes of first order, with feedback

The corner that all have is followed through short windows, for several numbers of all-passes, first
with two levels, then behind the two filters; it becomes a Fourier series of one or two rates in
octaves. Steps over rates, weights, the corner of each all-pass, feedback and its filters follow,
see `movement_steps`: first at a low sample rate, then at that of the recording. All channels have
one movement, each has filters of its own.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.periodic.allpass_movement import AllpassMovement, allpasses
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
from fxchain.periodic.loop_knobs import LoopKnobs
from fxchain.periodic.measured_part import MeasuredPart, measured_part
from fxchain.periodic.movement_steps import stepped
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.periodic.swings import find_swings
from fxchain.player import Asset

Vector = NDArray[np.float64]

#: About the sample rate at which the corner is followed, Hz, and the rounds behind filters.
COARSE_RATE, ROUNDS = 22_050, 3
#: Numbers of all-passes, and feedback, that are tried in so many seconds; so many of all go on.
STAGES, FEEDBACK, TRIED_SECONDS, FOLLOWED = (2, 4, 6, 8, 10), (0.0, 0.5, -0.5), 4.0, 2
#: Corners that are told apart: the lowest, Hz, the highest as a share of the sample rate, how many
#: to an octave, and what a change by an octave costs, as a share of the mean energy of a window.
LOWEST_HZ, HIGHEST_SHARE, TO_AN_OCTAVE, CHANGE_PRICE = 60.0, 0.4, 5, 0.1
#: Steps of each that goes on, of the best, and of that at the rate of the recording.
STEPS = (3, 8, 2)
#: Where the last path leaves more than this share of the wet, no all-passes move.
WORTH_A_TRY = 0.3
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
    coarse = known.slower(max(round(sample_rate / COARSE_RATE), 1))
    followed = _followed(coarse, over)
    if not followed:
        return None
    nearest = followed[0]
    if nearest.too_slow:
        _, checked, constant = best_length(coarse, nearest.late)
        return SlowMovement(checked, constant, known.seconds)
    moving = [each.movement for each in followed if not each.too_slow]
    nearer = [stepped(each, coarse, STEPS[0], over) for each in moving]
    movement = min(nearer, key=lambda each: each[0])[1]
    movement = stepped(movement, coarse, STEPS[1], over)[1]
    if coarse is not known:
        movement = stepped(movement, known, STEPS[2], over)[1]
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


@dataclass(frozen=True, eq=False)
class _Followed:
    """All-passes whose corner was followed.

    Attributes:
        movement: what it becomes
        late: (channels, samples), the copy along the path itself
        left: share of the wet that is left along the path
    """

    movement: AllpassMovement
    late: Vector
    left: float

    @property
    def too_slow(self) -> bool:
        return self.movement.swings.too_slow


def _followed(part: MeasuredPart, over: Callable[[], bool]) -> list[_Followed]:
    """Return all-passes by the path of their corner, those that leave least first."""
    here, tried = part.loudest(TRIED_SECONDS), list[tuple[float, int, float]]()
    for stages, feedback in itertools.product(STAGES, FEEDBACK):
        family = _family(here.sample_rate, stages, feedback)
        path = copy_path(here.dry, here.wet, here.sample_rate, family)
        tried.append((path.left, stages, feedback))
        if over():
            return []
    likely = [_behind_filters(part, stages, fed) for _, stages, fed in sorted(tried)[:FOLLOWED]]
    found = [each for each in likely if each is not None]
    return sorted(found, key=lambda each: each.left)


def _behind_filters(part: MeasuredPart, stages: int, feedback: float) -> _Followed | None:
    """Follow a corner, then behind two filters; None where that leaves too much."""
    rate, taps = part.sample_rate, round(FIRST_LENGTH * part.sample_rate)
    family = _family(rate, stages, feedback)
    path = copy_path(part.dry, part.wet, rate, family)
    at, times = np.arange(part.samples), path.times
    for number in range(ROUNDS + 1):
        octaves = np.interp(at, times, _octaves(path.numbers))
        copies = allpasses(octaves, np.zeros(stages), LoopKnobs(feedback), rate).play(part.dry)
        solved = solve_filters(part, copies, taps)
        u, rest = copied_and_rest(part, solved)
        if number == ROUNDS:
            break
        path = refined_path(u, rest, rate, family)
    left = share_left(part, left_behind(part, copies, solved))
    if left > WORTH_A_TRY:
        return None
    weights = heard_weights(u, times, rate)
    swings = find_swings(part.times()[0] + times / rate, _octaves(path.numbers), weights)
    if swings is None:
        return None
    return _Followed(AllpassMovement(swings, np.zeros(stages), LoopKnobs(feedback)), copies, left)


def _octaves(numbers: Vector) -> Vector:
    """Return corners, octaves above 1 kHz, by their numbers."""
    return np.asarray(np.log2(LOWEST_HZ / 1_000.0) + numbers / TO_AN_OCTAVE)


def _family(sample_rate: float, stages: int, feedback: float) -> Family:
    """Return what all-passes of one corner make of a signal that is steady."""
    octaves = np.log2(HIGHEST_SHARE * sample_rate / LOWEST_HZ)
    corners = 1_000.0 * np.exp2(_octaves(np.arange(TO_AN_OCTAVE * octaves + 1.0)))

    def copies(signals: Vector) -> Callable[[int], Vector]:
        samples = signals.shape[1]
        size = int(scipy.fft.next_fast_len(samples + round(0.05 * sample_rate), real=True))
        spectra = scipy.fft.rfft(signals, size)
        z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)

        def copy(number: int) -> Vector:
            g = np.tan(np.pi * corners[number] / sample_rate)
            turned = (((g - 1.0) + (g + 1.0) * z) / ((g + 1.0) + (g - 1.0) * z)) ** stages
            filtered = spectra * (turned / (1.0 + feedback * turned))
            return np.asarray(scipy.fft.irfft(filtered, size)[:, :samples])

        return copy

    return Family(copies, len(corners), CHANGE_PRICE / TO_AN_OCTAVE)
