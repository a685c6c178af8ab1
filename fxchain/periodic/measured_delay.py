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
import scipy.signal
from numpy.typing import NDArray

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.periodic.colours import ColourMoments, Colours, colour_moments, convolved
from fxchain.periodic.delay_path import delay_path, refined_path
from fxchain.periodic.folds import fold_weights, left_out_error
from fxchain.periodic.measured_part import MeasuredPart, measured_part
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.periodic.swings import Swings, find_swings
from fxchain.player import Asset
from fxchain.player.measured_responses import RESPONSE_SECONDS

Vector = NDArray[np.float64]

#: About the sample rate at which the delay is followed, Hz, and the rounds behind filters.
COARSE_RATE, ROUNDS = 11_025, 3
#: Lengths of the filters that are tried, s, and their ridge; the length must lower the error on
#: what was left out to this ratio.
LENGTHS, RIDGE, WORTH_MORE = (0.0015, 0.003, 0.006, RESPONSE_SECONDS), 1e-4, 0.95
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
        _, checked, constant = _best_length(coarse, _late(coarse.dry, late))
        return SlowMovement(checked, constant, known.seconds)
    for each in dict.fromkeys((coarse, known)):
        swings = _stepped(swings, each, over)
    copies = _late(known.dry, _samples_late(known, swings))
    taps, checked, constant = _best_length(known, copies)
    rows = [_row(each, sample_rate) for each in _solved(known, copies, taps)]
    responses = Asset(np.stack(rows), sample_rate)
    return MeasuredDelay(
        _delays(swings, sample_rate), responses, swings.rates_hz, checked, constant
    )


def _followed(part: MeasuredPart) -> tuple[Swings, Vector] | None:
    """Return the oscillators of the delay by its path through short windows, and the path itself:
    the delay of each sample, samples. None where a delay that moves leaves too much."""
    rate, taps = part.sample_rate, round(LENGTHS[1] * part.sample_rate)
    times, path = delay_path(part.dry, part.wet, rate)
    at = np.arange(part.samples)
    for _ in range(ROUNDS):
        copies = _late(part.dry, np.interp(at, times, path))
        solved = _solved(part, copies, taps)
        rests = _rests(part, copies, solved)
        left = float(np.sum(rests**2) / np.sum(part.wet**2))
        if left > WORTH_A_TRY:
            return None
        pairs = list(zip(part.dry, part.wet, solved, strict=True))
        u = np.stack([convolved(x, each.copy) for x, _, each in pairs])
        rest = np.stack([y - convolved(x, each.direct) for x, y, each in pairs])
        times, path = refined_path(u, rest, rate)
    window = max(round(0.02 * rate), 1)
    power = scipy.signal.oaconvolve(np.sum(u**2, axis=0), np.ones(window) / window, "same")
    heard = power[np.minimum(times.astype(int), part.samples - 1)]
    weights = np.minimum(heard / (np.median(heard) + 1e-30), 1.0)
    swings = find_swings(part.times()[0] + times / rate, path / rate, weights)
    return None if swings is None else (swings, np.interp(at, times, path))


def _stepped(swings: Swings, part: MeasuredPart, over: Callable[[], bool]) -> Swings:
    """Return the oscillators behind Gauss–Newton steps."""
    times, taps = part.times(), round(LENGTHS[1] * part.sample_rate)
    falling = -np.gradient(part.dry, 1.0 / part.sample_rate, axis=1)
    best, least = swings, np.inf
    for number in range(STEPS + 1):
        late = _samples_late(part, swings)
        copies = _late(part.dry, late)
        solved = _solved(part, copies, taps)
        rests = _rests(part, copies, solved)
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


def _best_length(part: MeasuredPart, copies: Vector) -> tuple[int, float, float]:
    """Return the length of the filters with the least error on what is left out, and that error.

    The last is what filters of that length leave without a copy that moves.
    """
    lengths = [round(seconds * part.sample_rate) for seconds in LENGTHS]
    weights = fold_weights(part.samples, part.sample_rate)
    channels = [
        [colour_moments(x * each, w * each, y * each, lengths[-1]) for each in weights]
        for x, w, y in zip(part.dry, copies, part.wet, strict=True)
    ]

    def error(of: Callable[[ColourMoments], ColourMoments]) -> float:
        reduced = [[of(each) for each in parts] for parts in channels]
        return left_out_error(reduced, lambda rest, left: left.squared_error(rest.solve(RIDGE)))

    best, least = lengths[0], np.inf
    for taps in lengths:
        left = error(lambda each, taps=taps: each.reduced(taps))  # type: ignore[misc]
        if not left < WORTH_MORE * least:
            break
        best, least = taps, left
    return best, least, error(lambda each: each.reduced(best).without_copy())


def _solved(part: MeasuredPart, copies: Vector, taps: int) -> list[Colours]:
    """Return the filters of each channel."""
    lines = zip(part.dry, copies, part.wet, strict=True)
    return [colour_moments(*line, taps).solve(RIDGE) for line in lines]


def _rests(part: MeasuredPart, copies: Vector, solved: list[Colours]) -> Vector:
    """Return what filters leave of each channel, (channels, samples)."""
    lines = zip(part.dry, copies, part.wet, solved, strict=True)
    return np.stack([y - each.played(x, w) for x, w, y, each in lines])


def _samples_late(part: MeasuredPart, swings: Swings) -> Vector:
    return np.maximum(swings.at(part.times()), 0.0) * part.sample_rate


def _late(signals: Vector, samples: Vector) -> Vector:
    """Return signals that are late by a number of samples, as the effect reads them: linearly."""
    at = np.arange(signals.shape[-1])
    return np.stack([np.interp(at - samples, at, each, left=0.0) for each in signals])


def _delays(swings: Swings, sample_rate: int) -> Asset:
    """Return one period of both oscillators, ms; the second is still where there is one alone.

    The sample rate says nothing about them: they are no sound.
    """
    tables = [1e3 * each for each in swings.tables()]
    tables += [np.zeros_like(tables[0])] * (2 - len(tables))
    return Asset(np.concatenate(tables)[None].astype(np.float32), sample_rate)


def _row(colours: Colours, sample_rate: int) -> NDArray[np.float32]:
    """Return both responses, each with zeros at its end."""
    row = np.zeros((2, round(RESPONSE_SECONDS * sample_rate)), np.float32)
    row[0, : len(colours.direct)], row[1, : len(colours.copy)] = colours.direct, colours.copy
    return row.reshape(-1)
