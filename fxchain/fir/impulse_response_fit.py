"""A measured response: what no knob explains, as an impulse response solved from the pair."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.cross_validation import CrossValidation
from fxchain.fir.least_squares import solve_filter
from fxchain.primitives import ImpulseResponse

#: Lengths that are tried, taps; a longer one must lower the error by a tenth, and when so many in
#: a row do not, no longer one is tried.
LENGTHS = (256, 1_024, 4_096, 16_384, 65_536)
WORTH_LONGER, IN_VAIN = 0.9, 2
#: No longer one is tried either where so little is left, ESR.
ENOUGH = 3e-5
#: A response may be as long as this share of what it is solved from.
LONGEST_SHARE = 0.6
#: Prices of a response's energy, relative to the energy of the dry, and the one tried first.
RIDGES = (1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
FIRST_RIDGE = 5
#: The next ridge is tried as long as the error falls to this share.
WORTH_EASING = 0.97
#: In the end nothing is left out, and so much of the ridge is enough.
EASED = 0.1
#: A response ends where less than this share of its energy is left …
REST = 1e-9
#: … and fades out over this share of its length.
FADE = 1 / 256
#: pedalboard plays a response as if the root of its summed squares were this.
PLAYED_NORM = 0.125


@dataclass(frozen=True)
class MeasuredResponse:
    """An impulse response, and what it is worth.

    Attributes:
        impulse_response: float32, (channels, taps)
        makeup_db: the gain that gives it its true level behind pedalboard's normalisation
        checked: ESR on parts of the recording that it was not solved from
        taps: how long a filter it was cut from
        ridge: with which that was solved
    """

    impulse_response: ImpulseResponse
    makeup_db: float
    checked: float
    taps: int
    ridge: float


def measure_response(
    parts: Sequence[AlignedAudio],
    sample_rate: int,
    like: MeasuredResponse | None = None,
    longest: int = LENGTHS[-1],
    over: Callable[[], bool] = lambda: False,
) -> MeasuredResponse | None:
    """Solve the impulse response that leads from one signal to another.

    Args:
        parts: what the chain made of the dry, and the wet, of one or more recordings
        sample_rate: Hz
        like: an earlier one, of which length and ridge are taken over
        longest: most taps it may have
        over: tells when no longer one may be begun

    Returns:
        the response of the length that is worth most on what it was not solved from, cut and
        faded; None when the recordings are too short or nothing can be solved
    """
    judge = CrossValidation(parts, sample_rate)
    if not judge.enough:
        return None
    if like is None:
        taps, ridge, checked = _best_size(judge, parts, longest, over)
    else:
        taps, ridge, checked = like.taps, like.ridge, like.checked
    try:
        solved = solve_filter(parts, taps, EASED * ridge)
    except np.linalg.LinAlgError:
        return None  # a dry so band-limited that the equations are singular
    if not np.all(np.isfinite(solved)) or not np.any(solved):
        return None
    taken = _faded(solved).astype(np.float32)
    norm = float(np.sqrt(np.max(np.sum(taken.astype(np.float64) ** 2, axis=-1))))
    return MeasuredResponse(
        ImpulseResponse(taken, sample_rate),
        float(20.0 * np.log10(norm / PLAYED_NORM)),
        checked,
        taps,
        ridge,
    )


def _best_size(
    judge: CrossValidation, parts: Sequence[AlignedAudio], longest: int, over: Callable[[], bool]
) -> tuple[int, float, float]:
    """Return the length and ridge that are worth most, and the error there."""
    samples = sum(part.wet.shape[-1] - part.first_valid for part in parts)
    room = min(LONGEST_SHARE * samples, longest)
    tried: list[tuple[int, float, float]] = []
    least, in_vain = np.inf, 0
    for taps in LENGTHS:
        if tried and (taps > room or in_vain == IN_VAIN or least < ENOUGH or over()):
            break
        ridge, error = _best_ridge(judge, taps, over)
        in_vain = 0 if error < WORTH_LONGER * least else in_vain + 1
        least = min(least, error)
        tried.append((taps, ridge, error))
    return next(each for each in tried if WORTH_LONGER * each[2] <= least)


def _best_ridge(judge: CrossValidation, taps: int, over: Callable[[], bool]) -> tuple[float, float]:
    """Return the ridge from which both neighbours are worse, and the error with it.

    Every length begins at the same, large ridge: a small one that is best for a short filter lets
    a longer one learn the recording by heart.

    Args:
        judge: tells the error
        taps: length of the filter
        over: tells when no other one may be begun
    """
    best, error = FIRST_RIDGE, judge.error(taps, RIDGES[FIRST_RIDGE])
    for step in (-1, 1):
        for at in range(FIRST_RIDGE + step, len(RIDGES) if step > 0 else -1, step):
            found = np.inf if over() else judge.error(taps, RIDGES[at])
            if not found < WORTH_EASING * error:
                break
            best, error = at, found
        if best != FIRST_RIDGE:
            break
    return RIDGES[best], error


def _faded(taps: np.ndarray) -> np.ndarray:
    """Return the response up to where nothing is left of it, its end faded."""
    rest = np.cumsum((taps**2).sum(axis=0)[::-1])[::-1]
    length = max(int(np.count_nonzero(rest > REST * rest[0])), 64)
    kept = np.array(taps[:, :length])
    fade = max(int(FADE * length), 1)
    kept[:, -fade:] *= 0.5 * (1.0 + np.cos(np.pi * np.arange(1, fade + 1) / (fade + 1)))
    return kept
