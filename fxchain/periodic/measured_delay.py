"""A measured delay that moves: its oscillators, and two filters, by least squares from a pair.

    y = h₀ * x + h₁ * w,    w(t) = x(t − d(t))

The delay is followed through short windows, first with two levels, then behind the two filters; it
becomes a Fourier series of one or two rates, and Gauss–Newton steps over rates and weights follow,
the filters solved anew at each: first below half of a low sample rate, then of the recording's.

Source:
    variable projection, G. H. Golub and V. Pereyra, 1973, with the filters as the linear variables.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.periodic.colours import Colours, convolved, solve_colours
from fxchain.periodic.delay_path import delay_path, refined_path
from fxchain.periodic.swings import Swings, find_swings
from fxchain.player import Asset
from fxchain.primitives.modulated_delay import RESPONSE_SECONDS

Vector = NDArray[np.float64]

#: About the sample rate at which the delay is followed, Hz, and the rounds behind filters.
COARSE_RATE, ROUNDS = 11_025, 3
#: Lengths of the filters that are tried, s, and their ridge; the length must lower the error on
#: what was left out to this ratio.
LENGTHS, RIDGE, WORTH_MORE = (0.0015, 0.003, 0.006, RESPONSE_SECONDS), 1e-4, 0.95
#: The length of the filters is chosen by the last share, which they are not solved from at first.
LEFT_OUT = 0.2
#: Steps at each rate.
STEPS = 5
#: Where the path leaves more than this share of the wet, no delay moves.
WORTH_A_TRY = 0.3
#: The most samples that it is measured from, and the least, s.
MOST_SAMPLES, LEAST_SECONDS = 1 << 19, 1.0


@dataclass(frozen=True, eq=False)
class MeasuredDelay:
    """A delay that moves, and what it leaves.

    Attributes:
        delays: one period of each of two oscillators, as the effect `modulated_delay` takes them
        responses: of the dry and of the copy, likewise
        rates_hz: of one or two oscillators
        checked: error-to-signal ratio on the last part, which the filters were not solved from
        constant: the same of one filter, without a copy that moves
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
) -> MeasuredDelay | None:
    """Measure the delay that moves between one signal and another.

    Args:
        part: a chain's output and the wet
        sample_rate: Hz
        first_sample: position of the part in the recording, from which the phase counts
        over: tells when no further step is made

    Returns:
        None where the part is too short, or no delay that moves explains it
    """
    begin = part.first_valid
    span = slice(begin, begin + MOST_SAMPLES)
    dry, wet = (np.asarray(each[:, span], np.float64) for each in (part.dry, part.wet))
    if dry.shape[1] < LEAST_SECONDS * sample_rate or not (np.any(dry) and np.any(wet)):
        return None
    x, y = dry.mean(axis=0), wet.mean(axis=0)
    start = (first_sample + begin) / sample_rate
    used = round((1.0 - LEFT_OUT) * len(x))
    swings = _followed(x, y, sample_rate, start)
    if swings is None:
        return None
    swings = _refined(swings, (x, y), sample_rate, start, over)
    lengths = [round(seconds * sample_rate) for seconds in LENGTHS]
    taps, checked = _best_length(swings, x, y, used, sample_rate, start, lengths)
    still = solve_colours(x[:used], np.zeros(used), y[:used], taps, RIDGE)
    constant = _share(y[used:], still.played(x, np.zeros(len(x)))[used:])
    copies = [_copy(each, swings, sample_rate, start) for each in dry]
    rows = [solve_colours(a, w, b, taps, RIDGE) for a, w, b in zip(dry, copies, wet, strict=True)]
    return MeasuredDelay(
        _delays(swings, sample_rate),
        Asset(np.stack([_row(each, sample_rate) for each in rows]), sample_rate),
        swings.rates_hz,
        checked,
        constant,
    )


def _followed(x: Vector, y: Vector, sample_rate: int, start: float) -> Swings | None:
    """Return the oscillators of the delay, s, by its path through short windows."""
    down = max(round(sample_rate / COARSE_RATE), 1)
    rate = sample_rate / down
    x, y = (scipy.signal.resample_poly(each, 1, down) for each in (x, y))
    times, path = delay_path(x, y, rate)
    taps = round(LENGTHS[1] * rate)
    for _ in range(ROUNDS):
        late = np.interp(np.arange(len(x)), times, path)
        copy = _late(x, late)
        colours = solve_colours(x, copy, y, taps, RIDGE)
        u, rest = convolved(x, colours.copy), y - convolved(x, colours.direct)
        if _share(y, colours.played(x, copy)) > WORTH_A_TRY:
            return None
        times, path = refined_path(u, rest, rate)
    window = max(round(0.02 * rate), 1)
    power = scipy.signal.oaconvolve(u**2, np.ones(window) / window, "same")
    heard = power[np.minimum(times.astype(int), len(x) - 1)]
    weights = np.minimum(heard / (np.median(heard) + 1e-30), 1.0)
    return find_swings(start + times / rate, path / rate, weights)


def _refined(
    swings: Swings,
    pair: tuple[Vector, Vector],
    sample_rate: int,
    start: float,
    over: Callable[[], bool],
) -> Swings:
    """Return the oscillators behind steps at a low sample rate, then at that of the recording."""
    down = max(round(sample_rate / COARSE_RATE), 1)
    for by in dict.fromkeys((down, 1)):
        x, y = (scipy.signal.resample_poly(each, 1, by) if by > 1 else each for each in pair)
        rate = sample_rate / by
        swings = _stepped(swings, x, y, rate, start, round(LENGTHS[1] * rate), STEPS, over)
    return swings


def _stepped(
    swings: Swings,
    x: Vector,
    y: Vector,
    rate: float,
    start: float,
    taps: int,
    steps: int,
    over: Callable[[], bool],
) -> Swings:
    """Return the oscillators behind Gauss–Newton steps."""
    times = start + np.arange(len(x)) / rate
    slope = np.gradient(x) * rate
    best, least = swings, np.inf
    for number in range(steps + 1):
        late = np.maximum(swings.at(times), 0.0) * rate
        copy = _late(x, late)
        colours = solve_colours(x, copy, y, taps, RIDGE)
        rest = y - colours.played(x, copy)
        loss = float(rest @ rest)
        if not loss < least:
            break
        best, least = swings, loss
        if number == steps or over():
            break
        falling = -_late(slope, late)
        columns = [convolved(falling * each, colours.copy) for each in swings.slopes(times).T]
        jacobian = np.stack(columns)
        normal = jacobian @ jacobian.T
        scale = np.sqrt(np.diag(normal)) + 1e-30
        normal = normal / scale / scale[:, None] + 1e-4 * np.eye(len(scale))
        swings = swings.moved(np.linalg.solve(normal, jacobian @ rest / scale) / scale)
    return best


def _best_length(
    swings: Swings,
    x: Vector,
    y: Vector,
    used: int,
    sample_rate: int,
    start: float,
    lengths: list[int],
) -> tuple[int, float]:
    """Return the length of the filters with the least error on what was left out, and that."""
    copy = _copy(x, swings, sample_rate, start)
    best, least = lengths[0], np.inf
    for taps in lengths:
        colours = solve_colours(x[:used], copy[:used], y[:used], taps, RIDGE)
        error = _share(y[used:], colours.played(x, copy)[used:])
        if not error < WORTH_MORE * least:
            break
        best, least = taps, error
    return best, least


def _copy(x: Vector, swings: Swings, sample_rate: int, start: float) -> Vector:
    late = np.maximum(swings.at(start + np.arange(len(x)) / sample_rate), 0.0) * sample_rate
    return _late(x, late)


def _late(x: Vector, samples: Vector) -> Vector:
    """Return a signal that is late by a number of samples, as the effect reads it: linearly."""
    places = np.arange(len(x)) - samples
    return np.asarray(np.interp(places, np.arange(len(x)), x, left=0.0))


def _share(y: Vector, made: Vector) -> float:
    return float(np.sum((y - made) ** 2) / (np.sum(y**2) + 1e-30))


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
