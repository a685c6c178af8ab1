"""Bitcrush: samples rounded to few levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import quantization

if TYPE_CHECKING:
    import pedalboard


def plugin(playback: Playback, bit_depth: float) -> pedalboard.Plugin:
    """Return pedalboard's Bitcrush: levels that are 2^−bits apart; parts of a bit are allowed."""
    import pedalboard

    return pedalboard.Bitcrush(bit_depth=bit_depth)


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return whole numbers of bits; see `Primitive`."""
    return [{"bit_depth": float(bits)} for bits in range(2, 13)]


REALTIME = """
class Bitcrush : public Effect<BitcrushKnobs> {
  // Levels between those of two depths would be noise of their own.
  Fading<float> levels;

  static float levels_of(const BitcrushKnobs& knobs) {
    return pow(2.0f, static_cast<float>(knobs.bit_depth));
  }
  static float rounded(float x, float levels, float inverse) {
    return std::nearbyint(x * levels) * inverse;
  }

  bool fades_to(std::size_t) const override { return true; }

  void begin(const BitcrushKnobs& knobs) override { levels.begin(rate, levels_of(knobs)); }

  void set(const BitcrushKnobs& knobs) override { levels.want(levels_of(knobs)); }

  void play(float* const* audio, int count) override {
    const bool fades = levels.fades();
    const float from = levels.from(), to = levels.to(), before = 1.0f / from, inverse = 1.0f / to;
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) {
        const float x = audio[c][t], y = rounded(x, to, inverse);
        audio[c][t] = fades ? levels.faded(rounded(x, from, before), y, t) : y;
      }
    levels.pass(count);
  }
};
"""


PRIMITIVE = Primitive(
    kind="bitcrush",
    summary="Rounds each sample to one of a few levels.",
    nature="memoryless",
    purpose="drive",
    parameters=(ParameterSpec("bit_depth", "", 1.0, 16.0, 8.0, prior_deviation=3.0),),
    gradient="differences",
    plugin=plugin,
    twin="Bitcrush",
    polarity_flips=frozenset(),
    starts=starts,
    probe={"bit_depth": 3.0},
    evidence=quantization,
    realtime=REALTIME,
)
