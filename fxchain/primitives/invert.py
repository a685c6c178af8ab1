"""Invert: the polarity turned round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.player import Playback
from fxchain.primitives.base import Primitive

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor


def sections(sample_rate: float) -> Tensor:
    """Return (1, 1, 6) coefficients: a factor of −1."""
    import torch

    return torch.tensor([[[-1.0, 0.0, 0.0, 1.0, 0.0, 0.0]]], dtype=torch.float64)


def plugin(playback: Playback) -> pedalboard.Plugin:
    """Return pedalboard's Invert."""
    import pedalboard

    return pedalboard.Invert()


REALTIME = """
class Invert : public Effect<InvertKnobs> {
  void play(float* const* audio, int count) override {
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) audio[c][t] = -audio[c][t];
  }
};
"""


FAUST = """
invert = *(-1.0);
"""


PRIMITIVE = Primitive(
    kind="invert",
    summary="Turns the polarity round.",
    nature="filter",
    purpose="level",
    parameters=(),
    gradient="full",
    sections=sections,
    plugin=plugin,
    twin="Invert",
    realtime=REALTIME,
    faust=FAUST,
)
