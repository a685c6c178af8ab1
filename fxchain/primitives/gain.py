"""Gain: louder or softer, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.dsp.biquad import first_order_coefficients
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import level

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor


def sections(sample_rate: float, gain_db: Tensor) -> Tensor:
    """Return (batch, 1, 6) coefficients: a factor of 10^(gain_db/20).

    Args:
        sample_rate: Hz
        gain_db: (batch,)

    Source:
        pedalboard's Gain, sample for sample; `dasp_pytorch.functional.gain` is the same formula,
        but rounds the factor otherwise in float32.
    """
    import torch

    from fxchain.dsp.single_precision import power_of_ten

    zero = torch.zeros_like(gain_db)
    return first_order_coefficients(power_of_ten(gain_db * 0.05), zero, zero)


def plugin(playback: Playback, gain_db: float) -> pedalboard.Plugin:
    """Return pedalboard's Gain."""
    import pedalboard

    return pedalboard.Gain(gain_db=gain_db)


REALTIME = """
class Gain : public Effect<GainKnobs> {
  float factor = 1.0f;

  void set(const GainKnobs& knobs) override { factor = decibels_to_gain(knobs.gain_db); }

  void play(float* const* audio, int count) override {
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) audio[c][t] *= factor;
  }
};
"""


FAUST = """
gain(gain_db) = *(level(gain_db));
"""


PRIMITIVE = Primitive(
    kind="gain",
    summary="Makes the signal louder or softer.",
    nature="filter",
    purpose="level",
    parameters=(ParameterSpec("gain_db", "dB", -40.0, 40.0, 0.0, prior_deviation=7.0),),
    gradient="full",
    sections=sections,
    plugin=plugin,
    twin="Gain",
    neutral={"gain_db": 0.0},
    probe={"gain_db": 6.0},
    evidence=level,
    realtime=REALTIME,
    faust=FAUST,
)
