"""How much of what a device makes of the sweeps is not linear, as error-to-signal ratios.

All sweeps count as one signal, so that the loud ones weigh most, as loud passages of music do; of
equal weight are equal ratios of frequency. A harmonic that was not found in the noise counts as
large as it may be there.
"""

from collections.abc import Sequence

import numpy as np

from fxchain.measuring.measurement import ABOVE_NOISE_DB, Level, Measurement


def harmonic_error(found: Measurement) -> float:
    """Return the power of the harmonics of order 2 to 5, at most, over that of the fundamental."""
    left = 0.0
    for level in found.levels:
        hidden = _power(level.noise_db + ABOVE_NOISE_DB)
        for order, curve in level.harmonics_db.items():
            played = order * found.frequencies_hz
            bound = np.interp(played, found.frequencies_hz, hidden)
            heard = played <= found.frequencies_hz[-1]
            each = np.where(np.isfinite(curve), _power(curve), bound)
            left += _weight(level) * float(np.sum(each[heard]))
    return left / _whole(found.levels)


def level_error(found: Measurement) -> float:
    """Return how much the gain changes with the level: the power of what differs from the best
    gain at all levels, and of the noise, over that of the fundamental."""
    weights = np.array([_weight(level) for level in found.levels])[:, None]
    gains = np.array([10.0 ** (level.gain_db / 20.0) for level in found.levels])
    noise = np.array([_power(level.noise_db) for level in found.levels])
    best = np.sum(weights * gains, axis=0) / weights.sum()
    left = float(np.sum(weights * (np.square(gains - best) + noise)))
    return left / _whole(found.levels)


def _whole(levels: Sequence[Level]) -> float:
    return sum(_weight(level) * float(np.sum(_power(level.gain_db))) for level in levels)


def _weight(level: Level) -> float:
    """Return the power of a sweep."""
    return float(10.0 ** (level.input_dbfs / 10.0))


def _power(level_db: np.ndarray) -> np.ndarray:
    found: np.ndarray = 10.0 ** (level_db / 10.0)
    return found
