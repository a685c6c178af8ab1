"""Convolution: a recorded impulse response, of a cabinet or a room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_gain

if TYPE_CHECKING:
    import pedalboard


def plugin(playback: Playback, mix: float) -> pedalboard.Plugin:
    """Return pedalboard's Convolution, which normalises the response to a fixed energy."""
    import pedalboard

    impulse_response = playback.assets["impulse_response"]
    return pedalboard.Convolution(
        impulse_response.samples, mix=mix, sample_rate=impulse_response.sample_rate
    )


REALTIME = """
class Convolution : public Effect<ConvolutionKnobs> {
  std::vector<Convolver> convolvers;
  double dry = 0.0, wet = 1.0;

  void allocate() override {
    const auto response = response_at(asset("impulse_response"), rate);
    convolvers.clear();
    for (int c = 0; c < channels; ++c) convolvers.emplace_back(response[c % response.size()]);
  }

  void begin(const ConvolutionKnobs&) override {
    for (Convolver& each : convolvers) each.begin();
  }

  void set(const ConvolutionKnobs& knobs) override {
    wet = static_cast<float>(knobs.mix);
    dry = 1.0f - static_cast<float>(knobs.mix);
  }

  void play(float* const* audio, int count) override {
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) {
        const float x = audio[c][t];
        audio[c][t] = static_cast<float>(dry * x + wet * convolvers[c].next(x));
      }
  }
};
"""


PRIMITIVE = Primitive(
    kind="convolution",
    summary="Plays the signal through a recorded impulse response.",
    nature="filter",
    purpose="space",
    parameters=(ParameterSpec("mix", "", 0.0, 1.0, 1.0),),
    gradient="signal",
    affine=frozenset({"mix"}),
    plugin=plugin,
    twin="Convolution",
    assets=("impulse_response",),
    neutral={"mix": 0.0},
    probe={"mix": 0.6},
    evidence=beyond_gain,
    realtime=REALTIME,
)
