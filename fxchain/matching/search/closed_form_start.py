"""The closed-form first guess of the filters' gains and of the level."""

import numpy as np

from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.long_term_spectrum import smoothed_spectrum
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.stage import Stage
from fxchain.structure.equalizer_bands import Band, filter_bands, level_index

#: Spectra are compared at points spread evenly over the logarithm of frequency, from here, Hz.
LOWEST_HZ, POINTS = 30.0, 96
#: Points so far below the loudest hardly count, dB.
RANGE_DB = 60.0
#: Price of a squared dB of a filter's gain against a squared dB of error at every point.
PRICE = 5e-3
#: A filter starts with at most so much, dB.
LARGEST_GAIN_DB = 12.0
ROUNDS = 3


def tone_and_level(
    stage: Stage, values: np.ndarray, free: np.ndarray, excerpt: Excerpt, sample_rate: int
) -> np.ndarray:
    """Set the filters' gains so that the long-term spectra agree, and the gain for the level.

    The chain is played, the remaining difference of the spectra in dB is laid on all filters by
    least squares, and so again a few times, since compressors answer in part. Filters that do the
    same share the work; those before the first distortion stay, since a drive answers to them with
    more than its tone.

    Args:
        stage: the chain
        values: (size,), physical; gains of filters in the main line and of `gain` may change
        free: (size,), bool
        excerpt: what is compared
        sample_rate: Hz

    Returns:
        (size,), the round in which the spectra agreed best; `values` where nothing helps

    Source:
        the interaction matrix of cascade graphic equalizers (Oliver & Jot 2015; Välimäki & Liski
        2017), with a ridge.
    """
    points = np.geomspace(LOWEST_HZ, 0.45 * sample_rate, POINTS)
    bands = filter_bands(stage, values, free, points, sample_rate)
    level = level_index(stage, values, free)
    wet_db = _spectrum_db(excerpt.wet[:, excerpt.first_valid :], points, sample_rate)
    if wet_db is None or (not bands and level is None):
        return values
    weights = np.clip((wet_db - wet_db.max() + RANGE_DB) / RANGE_DB, 1e-3, 1.0)
    weights /= weights.sum()
    best, best_distance = values, np.inf
    current = np.array(values, dtype=np.float64)
    for turn in range(ROUNDS + 1):
        played = play_excerpt(stage, current, excerpt, sample_rate)[:, excerpt.first_valid :]
        played_db = _spectrum_db(played, points, sample_rate)
        if played_db is None:
            break
        error = wet_db - played_db
        distance = float(weights @ error**2)
        if distance < best_distance:
            best, best_distance = current, distance
        if turn < ROUNDS:
            current = _moved(stage, current, bands, level, error, weights)
    return best


def _spectrum_db(audio: np.ndarray, points: np.ndarray, sample_rate: int) -> np.ndarray | None:
    """Return the level at each point, dB; None for silence or what is not finite."""
    frequencies, power = smoothed_spectrum(audio, sample_rate)
    if not np.all(np.isfinite(power)) or power.max() <= 0.0:
        return None
    floor = power.max() * 10.0 ** (-(RANGE_DB + 20.0) / 10.0)
    return np.asarray(10.0 * np.log10(np.interp(points, frequencies, power) + floor))


def _moved(
    stage: Stage,
    values: np.ndarray,
    bands: list[Band],
    level: int | None,
    error: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """Return the values after one least-squares step; the price is on the whole gains."""
    rows = [band.response for band in bands] + ([np.ones(len(error))] if level is not None else [])
    matrix = np.stack(rows)
    here = np.array([values[band.index] for band in bands] + ([0.0] if level is not None else []))
    price = np.array([PRICE] * len(bands) + ([0.0] if level is not None else []))
    curvature = (matrix * weights) @ matrix.T + np.diag(price + 1e-9)
    step = np.linalg.solve(curvature, (matrix * weights) @ error - price * here)
    moved = values.copy()
    for band, change in zip(bands, step, strict=False):
        moved[band.index] = np.clip(values[band.index] + change, -LARGEST_GAIN_DB, LARGEST_GAIN_DB)
    if level is not None:
        spec = stage.slots()[level].spec
        moved[level] = np.clip(values[level] + step[-1], spec.low, spec.high)
    return moved
