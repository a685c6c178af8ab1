"""Delay: echoes, each softer than the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import echo

if TYPE_CHECKING:
    import pedalboard


def plugin(
    playback: Playback, delay_seconds: float, feedback: float, mix: float
) -> pedalboard.Plugin:
    """Return pedalboard's Delay, which cuts the time to whole samples."""
    import pedalboard

    return pedalboard.Delay(delay_seconds, feedback, mix)


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return the times of the echoes that were found; see `Primitive`."""
    return [
        {"delay_seconds": (round(s * playback.sample_rate) + 0.5) / playback.sample_rate}
        | {"feedback": 0.3, "mix": 0.3}
        for s in echo_seconds
    ]


REALTIME = """
class Delay : public Effect<DelayKnobs> {
  std::vector<std::vector<float>> lines;
  std::vector<std::size_t> places;
  Fading<int> samples;
  float feedback = 0.0f, dry = 1.0f, wet = 0.0f;

  int whole(double seconds) const {
    return std::max(static_cast<int>(static_cast<float>(seconds) * rate), 1);
  }

  bool fades_to(std::size_t control) const override { return control == 0; }

  void allocate() override { lines.assign(channels, std::vector<float>(whole(2.0) + 2)); }

  void begin(const DelayKnobs& knobs) override {
    silence(lines);
    places.assign(channels, 0);
    samples.begin(rate, whole(knobs.delay_seconds));
  }

  void set(const DelayKnobs& knobs) override {
    samples.want(whole(knobs.delay_seconds));
    feedback = static_cast<float>(knobs.feedback);
    wet = static_cast<float>(knobs.mix);
    dry = 1.0f - wet;
  }

  // The sample that was written so many samples before the next one.
  static float read(const std::vector<float>& line, std::size_t place, int back) {
    return line[(place + line.size() - back) % line.size()];
  }

  void play(float* const* audio, int count) override {
    const bool fades = samples.fades();
    for (int c = 0; c < channels; ++c) {
      std::vector<float>& line = lines[c];
      std::size_t place = places[c];
      for (int t = 0; t < count; ++t) {
        float echo = read(line, place, samples.to());
        if (fades) echo = samples.faded(read(line, place, samples.from()), echo, t);
        const float x = audio[c][t];
        line[place] = x + feedback * echo;
        place = place + 1 == line.size() ? 0 : place + 1;
        audio[c][t] = x * dry + wet * echo;
      }
      places[c] = place;
    }
    samples.pass(count);
  }
};
"""


FAUST = """
delay(delay_seconds, feedback, mix) = _ <: *(1.0 - mix), (line : @(count) : *(mix)) :> _
with {
  count = max(1, int(delay_seconds * SR));
  line = + ~ (@(count - 1) : *(feedback));
};
"""


PRIMITIVE = Primitive(
    kind="delay",
    summary="Repeats the signal after a time, each repeat softer.",
    nature="filter",
    purpose="space",
    parameters=(
        ParameterSpec("delay_seconds", "s", 0.001, 2.0, 0.3, "log"),
        ParameterSpec("feedback", "", 0.0, 0.95, 0.3),
        ParameterSpec("mix", "", 0.0, 1.0, 0.3, prior_deviation=0.12),
    ),
    gradient="signal",
    affine=frozenset({"mix"}),
    plugin=plugin,
    twin="Delay",
    quantized=frozenset({"delay_seconds"}),
    neutral={"mix": 0.0},
    starts=starts,
    probe={"delay_seconds": 0.05, "feedback": 0.4, "mix": 0.4},
    evidence=echo,
    realtime=REALTIME,
    faust=FAUST,
)
