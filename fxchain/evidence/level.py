"""A gain that follows the level: at the same time, as a curve, or with time constants."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fxchain.dsp.envelope import envelope
from fxchain.evidence.bands import Vector

#: Samples so far below the loudest do not count, dB.
RANGE_DB = 40.0
#: Points of a gain as a function of a level; between them it is linear.
POINTS = 10
#: Samples that are compared: fitted, and judged.
FITTED, JUDGED = 8_000, 4_000
#: They lie in turns of this length, s; of three, two are fitted.
TURN_SECONDS = 0.25
#: Time constants that are tried first, ms, in the sense of pedalboard's compressor; then the best
#: ones times each of these factors, twice.
ATTACKS_MS = (1.0, 4.0, 16.0, 64.0)
RELEASES_MS = (20.0, 60.0, 180.0, 540.0)
FINER, FINEST = (0.6, 1.0, 1.7), (0.8, 1.0, 1.3)
RIDGE = 1e-6
#: Seed of the choice of samples.
SEED = 0


@dataclass(frozen=True)
class LevelDependence:
    """How the gain depends on the level; see `Evidence`."""

    level_deviation_db: float = 0.0
    level_slope: float = 0.0
    level_memory: float = 0.0
    attack_ms: float = 0.0
    release_ms: float = 0.0


@dataclass(frozen=True)
class _Fit:
    """A gain as a function of a level.

    Attributes:
        error: mean squared error on the judged samples
        level_db: (samples,)
        gain: (samples,)
    """

    error: float
    level_db: Vector
    gain: Vector


def measure_level_dependence(
    wet: Vector, inputs: Sequence[Vector], sample_rate: int
) -> LevelDependence:
    """Compare gains that follow the sample's own level with such that follow an envelope.

    The wet is fitted by g(L)·z, z being the dry or the filtered dry and g piecewise linear: once L
    is the level of the sample itself, which makes every odd curve, then that of an envelope of |z|
    with an attack and a release. Both are judged on samples that were not fitted.

    Args:
        wet: (samples,)
        inputs: what z may be, (samples,) each; that with the least error is taken
        sample_rate: Hz
    """
    found = [_measured(wet, each, sample_rate) for each in inputs]
    return min(found, key=lambda pair: pair[0])[1]


def _measured(wet: Vector, linear: Vector, sample_rate: int) -> tuple[float, LevelDependence]:
    """Return the error of the better of both kinds of gain, and the dependence."""
    amplitude = np.abs(linear)
    at = np.flatnonzero(amplitude > 10.0 ** (-RANGE_DB / 20.0) * amplitude.max())
    turns = at // max(round(TURN_SECONDS * sample_rate), 1) % 3
    random = np.random.default_rng(SEED)
    fitted, judged = (
        random.choice(part, min(count, len(part)), replace=False)
        for part, count in ((at[turns != 2], FITTED), (at[turns == 2], JUDGED))
    )
    if len(fitted) < 100 or len(judged) < 100:
        return np.inf, LevelDependence()
    both = np.concatenate([fitted, judged])
    y, z = wet[both], linear[both]
    curve = _fit(_decibels(np.abs(z)), y, z, len(fitted))
    envelopes = _Envelopes(amplitude, sample_rate, both)
    best, times = curve, (0.0, 0.0)
    tried = [(attack, release) for attack in ATTACKS_MS for release in RELEASES_MS]
    for factors in (FINER, FINEST, ()):
        for pair, level_db in envelopes.levels_db(tried):
            found = _fit(level_db, y, z, len(fitted))
            if found.error < best.error:
                best, times = found, pair
        if best is curve:
            break
        tried = [(times[0] * a, times[1] * r) for a in factors for r in factors if (a, r) != (1, 1)]
    memory = 1.0 - best.error / max(curve.error, 1e-30)
    deviation_db = _deviation_db(best.gain, z)
    return best.error, LevelDependence(deviation_db, _slope(best), memory, *times)


class _Envelopes:
    """Envelopes of a signal's amplitude at certain samples."""

    def __init__(self, amplitude: Vector, sample_rate: int, at: np.ndarray) -> None:
        self._rate, self._at = sample_rate, at
        self._amplitude = torch.from_numpy(amplitude.astype(np.float32))

    def levels_db(
        self, times_ms: list[tuple[float, float]]
    ) -> list[tuple[tuple[float, float], Vector]]:
        """Return for each (attack, release) the levels."""
        times = torch.tensor(times_ms, dtype=torch.float64)
        poles = torch.exp(-2.0 * np.pi * 1_000.0 / (self._rate * times)).float()
        found = []
        for pair, (attack, release) in zip(times_ms, poles, strict=True):
            followed = envelope(self._amplitude[None], attack[None], release[None]).numpy()[0]
            found.append((pair, _decibels(followed[self._at])))
        return found


def _fit(level_db: Vector, wet: Vector, linear: Vector, fitted: int) -> _Fit:
    """Fit the wet by g(level)·linear; the first samples are fitted, the others judged."""
    points = np.unique(np.quantile(level_db, np.linspace(0.0, 1.0, POINTS)))
    place = np.clip(np.searchsorted(points, level_db) - 1, 0, max(len(points) - 2, 0))
    rows = np.arange(len(level_db))
    weights = np.zeros((len(level_db), max(len(points), 2)))
    width = np.maximum(np.diff(points), 1e-9) if len(points) > 1 else np.ones(1)
    share = np.clip((level_db - points[place]) / width[place], 0.0, 1.0)
    weights[rows, place] = 1.0 - share
    weights[rows, place + 1] = share
    known = weights[:fitted] * linear[:fitted, None]
    gram = known.T @ known
    gram[np.diag_indices_from(gram)] += RIDGE * np.trace(gram) / len(gram)
    gain = weights @ np.linalg.solve(gram, known.T @ wet[:fitted])
    left = wet[fitted:] - gain[fitted:] * linear[fitted:]
    return _Fit(float(np.mean(left**2)), level_db, gain)


def _deviation_db(gain: Vector, linear: Vector) -> float:
    """Return the standard deviation of the gain, each sample by its energy, dB."""
    weights, gain_db = linear**2, _decibels(np.maximum(gain, 1e-3))
    mean = np.average(gain_db, weights=weights)
    return float(np.sqrt(np.average((gain_db - mean) ** 2, weights=weights)))


def _slope(found: _Fit) -> float:
    """Return the slope of the gain over the upper half of the range of the level, dB/dB."""
    low, high = np.quantile(found.level_db, (0.1, 0.99))
    loud = found.level_db > 0.5 * (low + high)
    if loud.sum() < 3 or np.ptp(found.level_db[loud]) < 1.0:
        return 0.0
    gain_db = _decibels(np.maximum(found.gain[loud], 1e-3))
    return float(np.polyfit(found.level_db[loud], gain_db, 1)[0])


def _decibels(amplitude: Vector) -> Vector:
    return np.asarray(20.0 * np.log10(np.maximum(amplitude, 1e-6)), dtype=np.float64)
