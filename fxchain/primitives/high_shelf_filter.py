"""High shelf: boost or cut everything above the corner."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fxchain.dsp.band_starts import bands
from fxchain.dsp.biquad import CUTOFF_FREQUENCY, GAIN, Q, shelf_coefficients
from fxchain.dsp.frequency_limit import clamped_frequency_hz
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_gain

if TYPE_CHECKING:
    import pedalboard


def plugin(
    playback: Playback, cutoff_frequency_hz: float, gain_db: float, q: float
) -> pedalboard.Plugin:
    """Return pedalboard's HighShelfFilter."""
    import pedalboard

    clamped_hz = clamped_frequency_hz(cutoff_frequency_hz, playback.sample_rate)
    return pedalboard.HighShelfFilter(clamped_hz, gain_db, q)


REALTIME = """
class HighShelfFilter : public Effect<HighShelfFilterKnobs> {
  Biquad filter;

  void begin(const HighShelfFilterKnobs&) override { filter.begin(channels); }

  void set(const HighShelfFilterKnobs& knobs) override {
    filter.row = shelf(rate, knobs.cutoff_frequency_hz, knobs.gain_db, knobs.q, -1.0f);
  }

  void play(float* const* audio, int count) override { filter.play(audio, count); }
  void settle() override { filter.settle(); }
};
"""


FAUST = """
high_shelf_filter(cutoff_frequency_hz, gain_db, q) =
  shelf(cutoff_frequency_hz, gain_db, q, -1.0);
"""


PRIMITIVE = Primitive(
    kind="high_shelf_filter",
    summary="Boosts or cuts everything above the corner frequency.",
    nature="filter",
    purpose="tone",
    parameters=(CUTOFF_FREQUENCY, GAIN, Q),
    gradient="full",
    sections=partial(shelf_coefficients, high=True),
    plugin=plugin,
    twin="HighShelfFilter",
    complement="low_shelf_filter",
    starts=bands(1_500.0, 10_000.0, 4, (0.7,)),
    neutral={"gain_db": 0.0},
    probe={"cutoff_frequency_hz": 1_000.0, "gain_db": 6.0, "q": 0.7},
    evidence=beyond_gain,
    realtime=REALTIME,
    faust=FAUST,
)
