"""The filters of a dry and of a copy that moves: their length, and what they leave."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fxchain.periodic.colours import ColourMoments, Colours, colour_moments, convolved
from fxchain.periodic.folds import fold_weights, left_out_error
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.swings import Swings
from fxchain.player import Asset
from fxchain.player.measured_responses import RESPONSE_SECONDS

Vector = NDArray[np.float64]

#: Lengths of the filters that are tried, s, and their ridge; the length must lower the error on
#: what was left out to this ratio.
LENGTHS, RIDGE, WORTH_MORE = (0.0015, 0.003, 0.006, RESPONSE_SECONDS), 1e-4, 0.95
#: The length while what moves is looked for, s.
FIRST_LENGTH = LENGTHS[1]


def solve_filters(part: MeasuredPart, copies: Vector, taps: int) -> list[Colours]:
    """Return the filters of each channel.

    Args:
        part: dry and wet
        copies: (channels, samples), of the dry
        taps: of each filter
    """
    lines = zip(part.dry, copies, part.wet, strict=True)
    return [colour_moments(*line, taps).solve(RIDGE) for line in lines]


def left_behind(part: MeasuredPart, copies: Vector, solved: Sequence[Colours]) -> Vector:
    """Return what filters leave of each channel, (channels, samples)."""
    lines = zip(part.dry, copies, part.wet, solved, strict=True)
    return np.stack([y - each.played(x, w) for x, w, y, each in lines])


def copied_and_rest(part: MeasuredPart, solved: Sequence[Colours]) -> tuple[Vector, Vector]:
    """Return the dry behind the filter of the copy, and the wet without the dry behind its own.

    A copy of the first is what is left of the second; both are (channels, samples).
    """
    lines = list(zip(part.dry, part.wet, solved, strict=True))
    copied = np.stack([convolved(x, each.copy) for x, _, each in lines])
    return copied, np.stack([y - convolved(x, each.direct) for x, y, each in lines])


def share_left(part: MeasuredPart, rests: Vector) -> float:
    """Return the share of the energy of the wet that is left."""
    return float(np.sum(rests**2) / np.sum(part.wet**2))


def best_length(part: MeasuredPart, copies: Vector) -> tuple[int, float, float]:
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


def tables_asset(swings: Swings, factor: float, sample_rate: int) -> Asset:
    """Return one period of both oscillators, times a factor; where there is one, the other is 0.

    The sample rate says nothing about them: they are no sound.
    """
    tables = [factor * each for each in swings.tables()]
    tables += [np.zeros_like(tables[0])] * (2 - len(tables))
    return Asset(np.concatenate(tables)[None].astype(np.float32), sample_rate)


def responses_asset(solved: Sequence[Colours], sample_rate: int) -> Asset:
    """Return both responses of each channel, one after the other, each with zeros at its end."""
    rows = np.zeros((len(solved), 2, round(RESPONSE_SECONDS * sample_rate)), np.float32)
    for row, each in zip(rows, solved, strict=True):
        row[0, : len(each.direct)], row[1, : len(each.copy)] = each.direct, each.copy
    return Asset(rows.reshape(len(solved), -1), sample_rate)
