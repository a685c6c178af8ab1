"""Low shelf: boost or cut everything below the corner."""

from functools import partial

import pedalboard

from fxchain.dsp.biquad import CUTOFF_FREQUENCY, GAIN, Q, shelf_coefficients
from fxchain.dsp.frequency_limit import clamped_frequency_hz
from fxchain.primitives.base import Primitive


def plugin(
    sample_rate: float, cutoff_frequency_hz: float, gain_db: float, q: float
) -> pedalboard.Plugin:
    """Return pedalboard's LowShelfFilter."""
    held = clamped_frequency_hz(cutoff_frequency_hz, sample_rate)
    return pedalboard.LowShelfFilter(held, gain_db, q)


PRIMITIVE = Primitive(
    kind="low_shelf_filter",
    summary="Boosts or cuts everything below the corner frequency.",
    parameters=(CUTOFF_FREQUENCY, GAIN, Q),
    gradient="full",
    sections=partial(shelf_coefficients, high=False),
    plugin=plugin,
    neutral={"gain_db": 0.0},
    probe={"cutoff_frequency_hz": 1_000.0, "gain_db": 6.0, "q": 0.7},
)
