"""Where the search for a band of an equalizer begins."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

#: A band is tried with so much boost, dB; multiples of the change, negative ones too, stand for
#: other gains.
GAIN_DB = 4.0


def bands(
    low_hz: float, high_hz: float, count: int, qs: Sequence[float]
) -> Callable[..., Sequence[Mapping[str, float]]]:
    """Return a `starts` of an equalizer's band: evenly over the logarithm of frequency.

    Args:
        low_hz: the lowest centre or corner
        high_hz: the highest
        count: how many
        qs: the widths of each
    """
    frequencies = np.geomspace(low_hz, high_hz, count)

    def starts(*_: Any) -> Sequence[Mapping[str, float]]:
        return [
            {"cutoff_frequency_hz": float(hz), "gain_db": GAIN_DB, "q": q}
            for hz in frequencies
            for q in qs
        ]

    return starts
