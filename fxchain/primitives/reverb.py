"""Reverb: the sound of a room (Freeverb)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import decay

if TYPE_CHECKING:
    import pedalboard


def plugin(
    playback: Playback,
    room_size: float,
    damping: float,
    wet_level: float,
    dry_level: float,
    width: float,
) -> pedalboard.Plugin:
    """Return pedalboard's Reverb; a dry level of 0.5 is unity, the width needs two channels."""
    import pedalboard

    return pedalboard.Reverb(
        room_size=room_size,
        damping=damping,
        wet_level=wet_level,
        dry_level=dry_level,
        width=width,
        freeze_mode=0.0,
    )


def starts(
    audio: np.ndarray, playback: Playback, echo_seconds: Sequence[float]
) -> Sequence[Mapping[str, float]]:
    """Return small and large rooms, bright and dull; see `Primitive`."""
    return [
        {"room_size": room_size, "damping": damping, "wet_level": 0.3, "dry_level": 0.4}
        for room_size in (0.2, 0.5, 0.8)
        for damping in (0.3, 0.7)
    ]


REALTIME = """
class Reverb : public Effect<ReverbKnobs> {
  struct Line {
    std::vector<float> samples;
    std::size_t place = 0;
    float last = 0.0f;

    void begin() {
      std::fill(samples.begin(), samples.end(), 0.0f);
      place = 0;
      last = 0.0f;
    }
  };
  std::vector<std::array<Line, 8>> combs;
  std::vector<std::array<Line, 4>> allpasses;
  float damping = 0.0f, feedback = 0.0f, dry = 0.0f, own = 0.0f, other = 0.0f;

  // Whatever is far below 0.1 becomes 0, as it does in pedalboard.
  static float settled(float x) {
    x += 0.1f;
    return x - 0.1f;
  }

  void allocate() override {
    constexpr int kCombs[8] = {1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617};
    constexpr int kAllpasses[4] = {556, 441, 341, 225};
    constexpr int kSpread = 23;
    combs.assign(std::min(channels, 2), {});
    allpasses.assign(std::min(channels, 2), {});
    for (std::size_t c = 0; c < combs.size(); ++c) {
      const long spread = c == 1 ? kSpread : 0;
      const auto scaled = [&](long tuning) {
        return static_cast<std::size_t>(static_cast<long>(rate) * (tuning + spread) / 44100);
      };
      for (int k = 0; k < 8; ++k) combs[c][k].samples.resize(scaled(kCombs[k]));
      for (int k = 0; k < 4; ++k) allpasses[c][k].samples.resize(scaled(kAllpasses[k]));
    }
  }

  void begin(const ReverbKnobs&) override {
    for (auto& lines : combs)
      for (Line& line : lines) line.begin();
    for (auto& lines : allpasses)
      for (Line& line : lines) line.begin();
  }

  void set(const ReverbKnobs& knobs) override {
    const float wet = static_cast<float>(knobs.wet_level) * 3.0f;
    const float width = static_cast<float>(knobs.width);
    own = 0.5f * wet * (1.0f + width);
    other = 0.5f * wet * (1.0f - width);
    dry = static_cast<float>(knobs.dry_level) * 2.0f;
    damping = static_cast<float>(knobs.damping) * 0.4f;
    feedback = static_cast<float>(knobs.room_size) * 0.28f + 0.7f;
  }

  float comb(Line& line, float input) const {
    float& held = line.samples[line.place];
    const float output = held;
    line.last = settled(output * (1.0f - damping) + line.last * damping);
    held = settled(input + line.last * feedback);
    line.place = line.place + 1 == line.samples.size() ? 0 : line.place + 1;
    return output;
  }

  static float allpass(Line& line, float input) {
    float& held = line.samples[line.place];
    const float output = held;
    held = settled(input + output * 0.5f);
    line.place = line.place + 1 == line.samples.size() ? 0 : line.place + 1;
    return output - input;
  }

  float room(std::size_t side, float input) {
    float sum = 0.0f;
    for (Line& line : combs[side]) sum += comb(line, input);
    for (Line& line : allpasses[side]) sum = allpass(line, sum);
    return sum;
  }

  void play(float* const* audio, int count) override {
    if (channels == 1) {
      for (int t = 0; t < count; ++t) {
        const float x = audio[0][t];
        audio[0][t] = room(0, x * 0.015f) * own + x * dry;
      }
      return;
    }
    for (int t = 0; t < count; ++t) {
      const float left = audio[0][t], right = audio[1][t];
      const float input = (left + right) * 0.015f;
      const float first = room(0, input), second = room(1, input);
      audio[0][t] = first * own + second * other + left * dry;
      audio[1][t] = second * own + first * other + right * dry;
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="reverb",
    summary="Adds the sound of a room.",
    nature="filter",
    purpose="space",
    parameters=(
        ParameterSpec("room_size", "", 0.0, 1.0, 0.5, prior_deviation=0.25),
        ParameterSpec("damping", "", 0.0, 1.0, 0.5, prior_deviation=0.25),
        ParameterSpec("wet_level", "", 0.0, 1.0, 0.33, prior_deviation=0.2),
        ParameterSpec("dry_level", "", 0.0, 1.0, 0.4, prior_deviation=0.15),
        ParameterSpec("width", "", 0.0, 1.0, 1.0, stereo_only=True),
    ),
    gradient="signal",
    affine=frozenset({"wet_level", "dry_level"}),
    output_levels=("wet_level", "dry_level"),
    plugin=plugin,
    twin="Reverb",
    cross_channel=True,
    neutral={"wet_level": 0.0, "dry_level": 0.5},
    starts=starts,
    probe={
        "room_size": 0.5,
        "damping": 0.5,
        "wet_level": 0.3,
        "dry_level": 0.4,
        "width": 0.7,
    },
    evidence=decay,
    realtime=REALTIME,
)
