"""The weight of a branch in a mix, as plugins."""

import math

import pedalboard


def weight(value: float) -> list[pedalboard.Plugin]:
    """Return the plugins that multiply by a signed weight."""
    level_db = 20.0 * math.log10(abs(value)) if value else -240.0  # pedalboard: silence
    gain = pedalboard.Gain(gain_db=max(level_db, -240.0))
    return [gain, pedalboard.Invert()] if value < 0 else [gain]
