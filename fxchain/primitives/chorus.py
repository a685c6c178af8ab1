"""Chorus: the signal beside itself, delayed by a time that an oscillator moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.player.pre_roll import oscillator_pre_roll
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import movement
from fxchain.primitives.moving_pair import MovingPair, MovingStart
from fxchain.primitives.oscillator_controls import FEEDBACK, MIX, PHASE, RATE

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor

    from fxchain.dsp.modulated_mix import ModulatedMix

#: The oscillator moves the delay by so much at the most, and the delay is so long at the least, ms.
SWING_MS, LEAST_MS = 20.0, 1.0


def _effect(audio: Tensor, playback: Playback) -> ModulatedMix:
    """Return the recursion with the delays, in samples, that audio of this length is read at."""
    import torch

    from fxchain.dsp.modulated_delay import modulated_delay, modulated_delay_tangents
    from fxchain.dsp.modulated_mix import ModulatedMix
    from fxchain.dsp.oscillator import Oscillator
    from fxchain.dsp.single_precision import rounded

    single = audio.dtype == torch.float32
    oscillator = Oscillator(
        oscillator_pre_roll,
        playback.sample_rate,
        playback.first_sample,
        audio.shape[-1],
        rounded=single,
    )
    near = rounded if single else torch.Tensor.double

    def delays(
        rate_hz: Tensor, phase_degrees: Tensor, depth: Tensor, centre_delay_ms: Tensor
    ) -> Tensor:
        swing = near(0.5 * near(depth.double()))[:, None]
        moved = near(swing * oscillator.sines(rate_hz, phase_degrees))
        time_ms = near(near(SWING_MS * moved) + near(centre_delay_ms.double())[:, None])
        return near(time_ms.clamp(min=LEAST_MS) * playback.sample_rate / 1_000.0)

    return ModulatedMix(modulated_delay, modulated_delay_tangents, delays)


def process(
    audio: Tensor,
    playback: Playback,
    rate_hz: Tensor,
    phase_degrees: Tensor,
    depth: Tensor,
    centre_delay_ms: Tensor,
    feedback: Tensor,
    mix: Tensor,
) -> Tensor:
    """Add a copy delayed by max(1, centre + 10·depth·sin(2π·rate·t + phase − π)) ms.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        rate_hz: (batch,), of the oscillator
        phase_degrees: (batch,), of the oscillator at the first sample of the recording
        depth: (batch,), 1 moves the delay by 10 ms to both sides
        centre_delay_ms: (batch,)
        feedback: (batch,), share of the delayed copy that is subtracted from what is delayed
        mix: (batch,), 0 leaves the signal, 1 is the copy alone

    Returns:
        (batch, channels, time)

    Source:
        pedalboard's Chorus, to the bit: linear interpolation between samples, one delay for all
        channels.
    """
    moving = (rate_hz, phase_degrees, depth, centre_delay_ms)
    return _effect(audio, playback).process(audio, feedback, mix, moving)


def jvp(
    audio: Tensor,
    tangents: Tensor,
    steps: Tensor,
    playback: Playback,
    **values: Tensor,
) -> Tensor:
    """Return the derivatives of the output along the audio, then along the values, in one pass.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        steps: (own, 6), derivatives of the values, the audio constant
        playback: sample rate and position of the audio
        values: (1,) each, as in `process`

    Returns:
        (directions + own, channels, time)
    """
    feedback, mix = values.pop("feedback"), values.pop("mix")
    moving = tuple(values.values())
    return _effect(audio, playback).jvp(audio, tangents, steps, feedback, mix, moving)


def plugin(
    playback: Playback,
    rate_hz: float,
    phase_degrees: float,
    depth: float,
    centre_delay_ms: float,
    feedback: float,
    mix: float,
) -> pedalboard.Plugin:
    """Return pedalboard's Chorus; its phase is that of the silence that it plays first."""
    import pedalboard

    return pedalboard.Chorus(rate_hz, depth, centre_delay_ms, feedback, mix)


def moving_starts(pair: MovingPair) -> Sequence[MovingStart]:
    """Return the delays that move and stand out in the correlation of short blocks."""
    from fxchain.dsp.lag_paths import lag_paths
    from fxchain.dsp.oscillator import rate_to_set

    paths = lag_paths(pair.dry, pair.wet, pair.sample_rate, pair.first_sample, pair.rates_hz)
    return [
        MovingStart(
            {
                "rate_hz": rate_to_set(pair.sample_rate, path.rate_hz),
                "phase_degrees": math.degrees(path.phase),
                "depth": 1e3 * path.swing / (0.5 * SWING_MS),
                "centre_delay_ms": 1e3 * path.centre,
                "feedback": 0.0,
                "mix": 0.5,
            }
        )
        for path in paths
    ]


REALTIME = """
class Chorus : public Effect<ChorusKnobs> {
  Oscillator oscillator;
  DelayLines lines;
  std::vector<float> last;
  float swing = 0.0f, centre_ms = 0.0f, feedback = 0.0f, wet = 0.0f, dry = 1.0f;

  void allocate() override {
    lines.allocate(channels, static_cast<std::size_t>(0.1 * rate) + 3);
  }

  void begin(const ChorusKnobs& knobs) override {
    oscillator.begin(rate, knobs.rate_hz, knobs.phase_degrees);
    lines.begin();
    last.assign(channels, 0.0f);
  }

  void set(const ChorusKnobs& knobs) override {
    oscillator.set(rate, knobs.rate_hz);
    swing = 0.5f * static_cast<float>(knobs.depth);
    centre_ms = static_cast<float>(knobs.centre_delay_ms);
    feedback = static_cast<float>(knobs.feedback);
    wet = static_cast<float>(knobs.mix);
    dry = 1.0f - wet;
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      const float time_ms = std::max(20.0f * (swing * oscillator.next()) + centre_ms, 1.0f);
      const float delay = static_cast<float>(time_ms * rate / 1000.0);
      for (int c = 0; c < channels; ++c) {
        const float x = audio[c][t];
        lines.write(c, x - last[c]);
        const float made = lines.read(c, delay);
        last[c] = made * feedback;
        audio[c][t] = x * dry + made * wet;
      }
      lines.step();
    }
  }

  void settle() override {
    for (float& each : last) each = without_subnormals(each);
  }
};
"""


PRIMITIVE = Primitive(
    kind="chorus",
    summary="Adds a copy whose delay moves to and fro; a flanger at short delays with feedback.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        RATE,
        PHASE,
        ParameterSpec("depth", "", 0.0, 1.0, 0.25),
        ParameterSpec("centre_delay_ms", "ms", 1.0, 50.0, 7.0, "log"),
        FEEDBACK,
        MIX,
    ),
    gradient="full",
    process=process,
    jvp=jvp,
    plugin=plugin,
    twin="Chorus",
    pre_roll=oscillator_pre_roll,
    affine=frozenset({"mix"}),
    phase="phase_degrees",
    gain_shifts={},
    polarity_flips=frozenset(),
    neutral={"mix": 0.0},
    # at 44.1 kHz a step of the oscillator is 400 units of the last place, so it is not rounded
    probe={
        "rate_hz": 400 * 2.0**-21 * 44_100 / math.tau,
        "phase_degrees": 8_200 * 400 * 2.0**-21 * 180.0 / math.pi,
        "depth": 0.05,
        "centre_delay_ms": 1.6,
        "feedback": 0.4,
        "mix": 0.6,
    },
    evidence=movement,
    moving_starts=moving_starts,
    realtime=REALTIME,
)
