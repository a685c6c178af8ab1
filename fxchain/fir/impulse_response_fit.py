"""A measured impulse response, solved by least squares from pairs of signals."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.cross_validation import CrossValidation
from fxchain.fir.least_squares import solve_filter
from fxchain.player import Asset

#: Lengths that are tried in turn, taps. A longer one must lower the error to `LONGER_RATIO`; after
#: `MOST_FAILURES` lengths in a row that do not, the search ends.
LENGTHS = (256, 1_024, 4_096, 16_384, 65_536)
LONGER_RATIO, MOST_FAILURES = 0.9, 2
#: The search of the length also ends at this ESR.
SMALL_ERROR = 3e-5
#: Another ridge than the first lowers the error to no less than this share.
RIDGE_GAIN = 0.25
#: The longest response, as a share of the samples that it is solved from.
LONGEST_SHARE = 0.6
#: Weights of the penalty ‖h‖², relative to the energy of the dry, and the index of the first tried.
RIDGES = (1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
FIRST_RIDGE = 5
#: The next ridge is tried while the error falls to this ratio.
RIDGE_RATIO = 0.97
#: The final solution, from all samples, takes this share of the ridge.
FINAL_RIDGE_SHARE = 0.1
#: A response is cut where less than this share of its energy remains …
TAIL_ENERGY = 1e-9
#: … and faded out over this share of its length.
FADE = 1 / 256
#: pedalboard scales the root of a response's summed squares to this.
PEDALBOARD_NORM = 0.125


@dataclass(frozen=True)
class MeasuredResponse:
    """An impulse response and its cross-validated error.

    Attributes:
        impulse_response: float32, (channels, taps)
        makeup_db: the gain that undoes pedalboard's normalisation, dB
        checked: cross-validated ESR
        taps: length of the filter that it was cut from
        ridge: of its solution
    """

    impulse_response: Asset
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
    bound: float = math.inf,
) -> MeasuredResponse | None:
    """Solve the impulse response that leads from one signal to another.

    Args:
        parts: the chain's output and the wet, of one or more recordings
        sample_rate: Hz
        like: an earlier one, whose length and ridge are used
        longest: most taps
        over: tells when to begin no further length
        bound: of the cross-validated error; one that is certainly above it is not solved

    Returns:
        the response with the least cross-validated error, cut and faded; None where the recordings
        are too short, the equations cannot be solved, or the error is above the bound
    """
    validation = CrossValidation(parts, sample_rate)
    if not validation.enough:
        return None
    if like is None:
        size = _best_size(validation, parts, longest, over, bound)
        if size is None:
            return None
        taps, ridge, checked = size
    else:
        taps, ridge, checked = like.taps, like.ridge, like.checked
    try:
        solved = solve_filter(parts, taps, FINAL_RIDGE_SHARE * ridge)
    except np.linalg.LinAlgError:
        return None  # a dry so band-limited that the equations are singular
    if not np.all(np.isfinite(solved)) or not np.any(solved):
        return None
    return _measured(_faded(solved), sample_rate, checked, taps, ridge)


def given_response(solved: np.ndarray, sample_rate: int, checked: float) -> MeasuredResponse:
    """Return a response (channels, taps) that was solved otherwise, with its checked error."""
    return _measured(solved, sample_rate, checked, solved.shape[-1], 0.0)


def _measured(
    solved: np.ndarray, sample_rate: int, checked: float, taps: int, ridge: float
) -> MeasuredResponse:
    taken = solved.astype(np.float32)
    norm = float(np.sqrt(np.max(np.sum(taken.astype(np.float64) ** 2, axis=-1))))
    makeup_db = float(20.0 * np.log10(norm / PEDALBOARD_NORM))
    return MeasuredResponse(Asset(taken, sample_rate), makeup_db, checked, taps, ridge)


def _best_size(
    validation: CrossValidation,
    parts: Sequence[AlignedAudio],
    longest: int,
    over: Callable[[], bool],
    bound: float,
) -> tuple[int, float, float] | None:
    """Return the shortest length near the least error, its ridge, and its error.

    Every length is tried with the first ridge; with others those that may be the best.

    Returns:
        None where the error is above the bound, whatever the ridge
    """
    first = _first_errors(validation, parts, longest, over)
    least = min(first.values())
    if RIDGE_GAIN * least > bound:
        return None
    tried = [
        (taps, *_best_ridge(validation, taps, error, over))
        for taps, error in first.items()
        if RIDGE_GAIN * error <= least
    ]
    least = min(error for _, _, error in tried)
    return next(each for each in tried if LONGER_RATIO * each[2] <= least)


def _first_errors(
    validation: CrossValidation,
    parts: Sequence[AlignedAudio],
    longest: int,
    over: Callable[[], bool],
) -> dict[int, float]:
    """Return the errors of the lengths that are tried, with the first ridge."""
    samples = sum(part.wet.shape[-1] - part.first_valid for part in parts)
    room = min(LONGEST_SHARE * samples, longest)
    found: dict[int, float] = {}
    least, failures = np.inf, 0
    for taps in LENGTHS:
        if found and (taps > room or failures == MOST_FAILURES or least < SMALL_ERROR or over()):
            break
        found[taps] = validation.error(taps, RIDGES[FIRST_RIDGE])
        failures = 0 if found[taps] < LONGER_RATIO * least else failures + 1
        least = min(least, found[taps])
    return found


def _best_ridge(
    validation: CrossValidation, taps: int, error: float, over: Callable[[], bool]
) -> tuple[float, float]:
    """Return the ridge at a local minimum of the error, and the error.

    Every length begins at the same large ridge: a small ridge that is best for a short filter lets
    a longer one overfit.

    Args:
        validation: computes the error
        taps: length of the filter
        error: with the first ridge
        over: tells when to try no further ridge
    """
    best = FIRST_RIDGE
    for step in (-1, 1):
        for at in range(FIRST_RIDGE + step, len(RIDGES) if step > 0 else -1, step):
            found = np.inf if over() else validation.error(taps, RIDGES[at])
            if not found < RIDGE_RATIO * error:
                break
            best, error = at, found
        if best != FIRST_RIDGE:
            break
    return RIDGES[best], error


def _faded(taps: np.ndarray) -> np.ndarray:
    """Return the response without its silent end, faded out."""
    remaining = np.cumsum((taps**2).sum(axis=0)[::-1])[::-1]
    length = max(int(np.count_nonzero(remaining > TAIL_ENERGY * remaining[0])), 64)
    kept = np.array(taps[:, :length])
    fade = max(int(FADE * length), 1)
    kept[:, -fade:] *= 0.5 * (1.0 + np.cos(np.pi * np.arange(1, fade + 1) / (fade + 1)))
    return kept
