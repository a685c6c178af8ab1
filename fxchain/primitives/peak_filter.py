"""Peak filter: boost or cut one band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.dsp.band_starts import bands
from fxchain.dsp.biquad import CUTOFF_FREQUENCY, GAIN, Q, peak_coefficients
from fxchain.dsp.frequency_limit import clamped_frequency_hz
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_gain

if TYPE_CHECKING:
    import pedalboard


def plugin(
    playback: Playback, cutoff_frequency_hz: float, gain_db: float, q: float
) -> pedalboard.Plugin:
    """Return pedalboard's PeakFilter."""
    import pedalboard

    return pedalboard.PeakFilter(
        clamped_frequency_hz(cutoff_frequency_hz, playback.sample_rate), gain_db, q
    )


REALTIME = """
class PeakFilter : public Effect<PeakFilterKnobs> {
  Biquad filter;

  void begin(const PeakFilterKnobs&) override { filter.begin(channels); }

  void set(const PeakFilterKnobs& knobs) override {
    filter.row = peak(rate, knobs.cutoff_frequency_hz, knobs.gain_db, knobs.q);
  }

  void play(float* const* audio, int count) override { filter.play(audio, count); }
  void settle() override { filter.settle(); }
};
"""


FAUST = """
peak_filter(cutoff_frequency_hz, gain_db, q) =
  biquad(1.0 + up, middle, 1.0 - up, 1.0 + down, middle, 1.0 - down)
with {
  amplitude = sqrt(level(gain_db));
  omega = 2.0 * PI * held(cutoff_frequency_hz) / SR;
  alpha = sin(omega) / (2.0 * q);
  middle = -2.0 * cos(omega);
  up = alpha * amplitude;
  down = alpha / amplitude;
};
"""


PRIMITIVE = Primitive(
    kind="peak_filter",
    summary="Boosts or cuts one band around its centre frequency.",
    nature="filter",
    purpose="tone",
    parameters=(CUTOFF_FREQUENCY, GAIN, Q),
    gradient="full",
    sections=peak_coefficients,
    plugin=plugin,
    twin="PeakFilter",
    starts=bands(60.0, 12_000.0, 12, (0.7, 2.0)),
    neutral={"gain_db": 0.0},
    probe={"cutoff_frequency_hz": 1_000.0, "gain_db": 6.0, "q": 1.0},
    evidence=beyond_gain,
    realtime=REALTIME,
    faust=FAUST,
)
