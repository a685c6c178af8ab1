"""Ladder filter: a resonant filter of two or four poles that saturates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive

if TYPE_CHECKING:
    import pedalboard

#: Low-, high- and band-pass, 12 and 24 dB per octave, in the order of pedalboard's numbers.
MODES = ("LPF12", "HPF12", "BPF12", "LPF24", "HPF24", "BPF24")


def plugin(
    playback: Playback, mode: float, cutoff_hz: float, resonance: float, drive: float
) -> pedalboard.Plugin:
    """Return pedalboard's LadderFilter; the cutoff is clamped to 0.45 of the sample rate."""
    import pedalboard

    return pedalboard.LadderFilter(
        mode=pedalboard.LadderFilter.Mode(round(mode)),
        cutoff_hz=min(cutoff_hz, HIGHEST_FREQUENCY * playback.sample_rate),
        resonance=resonance,
        drive=drive,
    )


REALTIME = """
class LadderFilter : public Effect<LadderFilterKnobs> {
  using State = std::array<float, 5>;
  // What is summed for the output, the last number being that of the gain compensation.
  using Mode = std::array<float, 6>;
  static constexpr int kPoints = 128;
  static constexpr float kEnd = 5.0f;
  std::array<float, kPoints + 1> curve;
  std::vector<State> states;
  Fading<Mode> mode;
  float cutoff = 0.0f, resonance = 0.0f;
  float drive = 1.0f, gain = 1.0f, drive_inside = 1.0f, gain_inside = 1.0f;

  static float falling(float x) { return pow(x, -2.642f) * 0.6103f + 0.3903f; }

  // tanh, read from a table by linear interpolation.
  float saturated(float x) const {
    constexpr float scale = (kPoints - 1) / (kEnd + kEnd);
    const float index = scale * std::min(std::max(x, -kEnd), kEnd) + kEnd * scale;
    const int below = std::min(static_cast<int>(index), kPoints - 1);
    const float part = index - static_cast<float>(below);
    return curve[below] + part * (curve[below + 1] - curve[below]);
  }

  static Mode mode_of(const LadderFilterKnobs& knobs) {
    static constexpr float kTaps[6][5] = {{0, 0, 1, 0, 0},  {1, -2, 1, 0, 0},   {0, 0, -1, 1, 0},
                                          {0, 0, 0, 0, 1},  {1, -4, 6, -4, 1},  {0, 0, 1, -2, 1}};
    const int number = static_cast<int>(std::nearbyint(knobs.mode));
    Mode made;
    for (int k = 0; k < 5; ++k) made[k] = kTaps[number][k] * 1.2f;
    made[5] = number % 3 == 1 ? 0.0f : 0.5f;
    return made;
  }

  void begin(const LadderFilterKnobs& knobs) override {
    mode.begin(rate, mode_of(knobs));
    states.assign(channels, State{});
    for (int i = 0; i < kPoints; ++i) {
      const float x = -kEnd + (kEnd + kEnd) * (static_cast<float>(i) - 0.0f) / (kPoints - 1.0f);
      curve[i] = tanh(std::min(std::max(x, -kEnd), kEnd));
    }
    curve[kPoints] = curve[kPoints - 1];
  }

  void set(const LadderFilterKnobs& knobs) override {
    mode.want(mode_of(knobs));
    const float scaler = static_cast<float>(-2.0 * kPi) / static_cast<float>(rate);
    cutoff = exp(static_cast<float>(knobs.cutoff_hz) * scaler);
    resonance = 0.1f + static_cast<float>(knobs.resonance) * (1.0f - 0.1f);
    drive = static_cast<float>(knobs.drive);
    gain = falling(drive);
    drive_inside = drive * 0.04f + 0.96f;
    gain_inside = falling(drive_inside);
  }

  void play(float* const* audio, int count) override {
    const bool fades = mode.fades();
    Mode m = mode.to();
    const float a1 = cutoff, g = a1 * -1.0f + 1.0f;
    const float b0 = g * 0.76923076923f, b1 = g * 0.23076923076f;
    for (int channel = 0; channel < channels; ++channel) {
      State& s = states[channel];
      for (int t = 0; t < count; ++t) {
        if (fades)
          for (int k = 0; k < 6; ++k) m[k] = mode.faded(mode.from()[k], mode.to()[k], t);
        const float driven = gain * saturated(drive * audio[channel][t]);
        const float back = gain_inside * saturated(drive_inside * s[4]) - driven * m[5];
        const float a = driven + resonance * -4.0f * back;
        const float b = b1 * s[0] + a1 * s[1] + b0 * a;
        const float c = b1 * s[1] + a1 * s[2] + b0 * b;
        const float d = b1 * s[2] + a1 * s[3] + b0 * c;
        const float e = b1 * s[3] + a1 * s[4] + b0 * d;
        s = {a, b, c, d, e};
        audio[channel][t] = a * m[0] + b * m[1] + c * m[2] + d * m[3] + e * m[4];
      }
    }
    mode.pass(count);
  }

  void settle() override {
    for (State& state : states)
      for (float& each : state) each = without_subnormals(each);
  }
};
"""


PRIMITIVE = Primitive(
    kind="ladder_filter",
    summary="Filters as a synthesizer does: resonant, and saturating with its drive.",
    nature="dynamic",
    purpose="tone",
    parameters=(
        ParameterSpec("mode", "", 0.0, 5.0, 0.0, choices=MODES, enumeration="LadderFilter.Mode"),
        ParameterSpec("cutoff_hz", "Hz", 20.0, 20_000.0, 1_000.0, "log", 3.0),
        ParameterSpec("resonance", "", 0.0, 1.0, 0.2, prior_deviation=0.25),
        ParameterSpec("drive", "", 1.0, 20.0, 1.0, "log", 2.0),
    ),
    gradient="differences",
    plugin=plugin,
    twin="LadderFilter",
    polarity_flips=frozenset(),
    probe={"mode": 0.0, "cutoff_hz": 900.0, "resonance": 0.4, "drive": 3.0},
    realtime=REALTIME,
)
