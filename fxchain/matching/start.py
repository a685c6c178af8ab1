"""The closed-form first guess of the filters' gains and of the level."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.signal
import torch
from torch import Tensor

from fxchain.matching.excerpt import Excerpt
from fxchain.matching.playing import play
from fxchain.matching.spectrum import smoothed_spectrum
from fxchain.preset.effects import Placed, effects_of
from fxchain.primitives import Primitive
from fxchain.stage import Stage

#: Spectra are compared at points spread evenly over the logarithm of frequency, from here, Hz.
LOWEST_HZ, POINTS = 30.0, 96
#: Points so far below the loudest hardly count, dB.
RANGE_DB = 60.0
#: Price of a squared dB of a filter's gain against a squared dB of error at every point.
PRICE = 5e-3
#: A filter starts with at most so much, dB.
LARGEST_GAIN_DB = 12.0
#: A filter's response is taken to grow in proportion to its gain, as it does around this, dB.
PROBE_DB = 3.0
ROUNDS = 3


@dataclass(frozen=True)
class Band:
    """A filter of the main line whose gain is free.

    Attributes:
        index: where its gain stands among the values
        response: (points,), dB for each dB of gain
    """

    index: int
    response: np.ndarray


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
    wet_db = _spectrum_db(excerpt.wet[:, excerpt.skip :], points, sample_rate)
    if wet_db is None or (not bands and level is None):
        return values
    weights = np.clip((wet_db - wet_db.max() + RANGE_DB) / RANGE_DB, 1e-3, 1.0)
    weights /= weights.sum()
    best, best_distance = values, np.inf
    current = np.array(values, dtype=np.float64)
    for turn in range(ROUNDS + 1):
        played = play(stage, current, excerpt, sample_rate)[:, excerpt.skip :]
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


def filter_bands(
    stage: Stage,
    values: np.ndarray,
    free: np.ndarray,
    points: np.ndarray,
    sample_rate: int,
    everywhere: bool = False,
) -> list[Band]:
    """Return the filters of the main line whose gain is free.

    Args:
        stage: the chain
        values: (size,), physical; the filters' responses are those at its frequencies
        free: (size,), bool
        points: (points,), where responses are wanted, Hz
        sample_rate: Hz
        everywhere: those before the first effect that bends the waveform too
    """
    places = effects_of(stage, np.arange(stage.size, dtype=np.float64))
    shapers = [i for i, at in enumerate(places) if _shapes(at.effect.primitive)]
    first = shapers[0] if shapers and not everywhere else 0
    found = []
    for at, here in zip(places[first:], effects_of(stage, values)[first:], strict=True):
        index = _index(at, "gain_db")
        sections = at.effect.primitive.sections
        if ".mix" in at.path or index is None or sections is None or not free[index]:
            continue
        found.append(Band(index, _response_db(here, sections, points, sample_rate)))
    return found


def _shapes(primitive: Primitive) -> bool:
    """Tell whether an effect bends the waveform."""
    return primitive.memoryless and primitive.sections is None


def level_index(stage: Stage, values: np.ndarray, free: np.ndarray) -> int | None:
    """Return where the last free gain of the main line stands."""
    places = effects_of(stage, np.arange(stage.size, dtype=np.float64))
    indices = [
        _index(at, "gain_db")
        for at in places
        if at.effect.primitive.kind == "gain" and ".mix" not in at.path
    ]
    return next((i for i in reversed(indices) if i is not None and free[i]), None)


def _index(placed: Placed, name: str) -> int | None:
    specs = placed.effect.primitive.parameters
    found = [v for spec, v in zip(specs, placed.values, strict=True) if spec.name == name]
    return int(found[0]) if found else None


def _response_db(
    placed: Placed, sections: Callable[..., Tensor], points: np.ndarray, sample_rate: int
) -> np.ndarray:
    """Return the filter's response in dB for each dB of its gain, (points,)."""
    heights = []
    for gain_db in (PROBE_DB, -PROBE_DB):
        named = placed.effect.arguments(placed.values) | {"gain_db": gain_db}
        arguments = {k: torch.tensor([v], dtype=torch.float64) for k, v in named.items()}
        rows = sections(sample_rate, **arguments)[0].numpy()
        _, response = scipy.signal.sosfreqz(rows / rows[:, 3:4], points, fs=sample_rate)
        heights.append(20.0 * np.log10(np.abs(response) + 1e-12))
    return np.asarray((heights[0] - heights[1]) / (2.0 * PROBE_DB))


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
