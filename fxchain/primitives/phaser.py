"""Phaser: the signal beside itself behind all-passes that an oscillator moves."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.player.pre_roll import stepped_oscillator_pre_roll
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import movement
from fxchain.primitives.moving_pair import MovingPair, MovingStart
from fxchain.primitives.oscillator_controls import FEEDBACK, MIX, PHASE, RATE

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor

    from fxchain.dsp.modulated_mix import ModulatedMix

#: The cut-off is between these, Hz, and below this share of the sample rate, on a log scale, and
#: moves every so many samples.
LOWEST_HZ, HIGHEST_HZ, HIGHEST_SHARE, EVERY = 20.0, 20_000.0, 0.49, 4
#: What is scanned for starts: seconds, rates, phases, depths and centres, Hz.
SCANNED_SECONDS, SCANNED_RATES, SCANNED_PHASES = 2.5, 2, tuple(range(0, 360, 30))
SCANNED = ((0.15, 0.35, 0.7), (150.0, 400.0, 1_000.0, 2_500.0, 6_000.0))
#: Starts at the most, of each three with different feedback.
MOST_STARTS = 3


def _effect(audio: Tensor, playback: Playback) -> ModulatedMix:
    """Return the recursion with the gains that audio of this length is filtered with."""
    import torch

    from fxchain.dsp.modulated_allpass import modulated_allpass, modulated_allpass_tangents
    from fxchain.dsp.modulated_mix import ModulatedMix
    from fxchain.dsp.oscillator import Oscillator
    from fxchain.dsp.single_precision import rounded

    first, count = playback.first_sample, audio.shape[-1]
    single = audio.dtype == torch.float32
    places = (torch.arange(count) + first) // EVERY - first // EVERY
    oscillator = Oscillator(
        stepped_oscillator_pre_roll,
        playback.sample_rate,
        first,
        int(places[-1]) + 1 if count else 0,
        every=EVERY,
        rounded=single,
    )
    near = rounded if single else torch.Tensor.double
    highest_hz = min(HIGHEST_HZ, HIGHEST_SHARE * playback.sample_rate)
    low, held, high = (
        near(torch.log10(torch.tensor(hertz).double()))
        for hertz in (LOWEST_HZ, highest_hz, HIGHEST_HZ)
    )
    decades = near(held - low)

    def gains(
        rate_hz: Tensor, phase_degrees: Tensor, depth: Tensor, centre_frequency_hz: Tensor
    ) -> Tensor:
        swing = near(0.5 * near(depth.double()))[:, None]
        frequency_hz = centre_frequency_hz.double().clamp(max=_highest_centre_hz(playback))
        frequency = near(torch.log10(near(frequency_hz)))
        centre = near(near(frequency - low) / near(high - low))[:, None]
        place = near(near(swing * oscillator.sines(rate_hz, phase_degrees)) + centre)
        cutoff_hz = near(torch.pow(10.0, near(near(place.clamp(0.0, 1.0) * decades) + low)))
        g = near(torch.tan(math.pi * cutoff_hz / playback.sample_rate))
        return near(g / near(1.0 + g))[:, places]

    return ModulatedMix(modulated_allpass, modulated_allpass_tangents, gains)


def process(
    audio: Tensor,
    playback: Playback,
    rate_hz: Tensor,
    phase_degrees: Tensor,
    depth: Tensor,
    centre_frequency_hz: Tensor,
    feedback: Tensor,
    mix: Tensor,
) -> Tensor:
    """Add what six all-passes make of the signal, whose cut-off moves.

    On a log scale from 20 Hz to the highest frequency, 0 to 1, the cut-off is that of the centre
    plus ½·depth·sin(2π·rate·t + phase − π), every fourth sample. The highest frequency is 20 kHz,
    below a sample rate of 40.8 kHz less; pedalboard places the centre as if it were 20 kHz there.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        rate_hz: (batch,), of the oscillator
        phase_degrees: (batch,), of the oscillator at the first sample of the recording
        depth: (batch,), share of the whole range of frequencies that the cut-off crosses
        centre_frequency_hz: (batch,), clamped to 0.45 of the sample rate
        feedback: (batch,), share of what is filtered that is subtracted from the input
        mix: (batch,), 0 leaves the signal, 1 is what is filtered alone

    Returns:
        (batch, channels, time)

    Source:
        pedalboard's Phaser: first-order all-passes in topology-preserving form, one cut-off for
        all channels.
    """
    moving = (rate_hz, phase_degrees, depth, centre_frequency_hz)
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
    centre_frequency_hz: float,
    feedback: float,
    mix: float,
) -> pedalboard.Plugin:
    """Return pedalboard's Phaser; its phase is that of the silence that it plays first."""
    import pedalboard

    centre_frequency_hz = min(centre_frequency_hz, _highest_centre_hz(playback))
    return pedalboard.Phaser(rate_hz, depth, centre_frequency_hz, feedback, mix)


def _highest_centre_hz(playback: Playback) -> float:
    return HIGHEST_FREQUENCY * playback.sample_rate


def moving_starts(pair: MovingPair) -> Sequence[MovingStart]:
    """Return those of a grid of phases, depths and centres that leave least of the wet."""
    import torch

    from fxchain.dsp.oscillator import rate_to_set

    samples = min(len(pair.dry), round(SCANNED_SECONDS * pair.sample_rate))
    pair = replace(pair, dry=pair.dry[:samples], wet=pair.wet[:samples])
    audio = torch.from_numpy(pair.dry)[None, None]
    playback, found = Playback(pair.sample_rate, pair.first_sample), []
    for rate_hz in pair.rates_hz[:SCANNED_RATES]:
        for phase, depth, centre_hz in itertools.product(SCANNED_PHASES, *SCANNED):
            moving = [torch.tensor([value]) for value in (rate_hz, phase, depth, centre_hz)]
            nothing, alone = torch.zeros(1), torch.ones(1)
            moved = _effect(audio, playback).process(audio, nothing, alone, tuple(moving))
            left, _ = pair.left(pair.dry, moved[0, 0].numpy())
            values = {"rate_hz": rate_to_set(pair.sample_rate, rate_hz, EVERY)}
            values |= {"phase_degrees": phase, "depth": depth, "centre_frequency_hz": centre_hz}
            found.append((left, values))
    best = [values for _, values in sorted(found, key=lambda each: each[0])[:MOST_STARTS]]
    fed = itertools.product(best, (0.0, 0.5, -0.5))
    return [MovingStart(values | {"feedback": b, "mix": 0.5}) for values, b in fed]


REALTIME = """
class Phaser : public Effect<PhaserKnobs> {
  static constexpr int kEvery = 4, kStages = 6;
  static constexpr double kLowestHz = 20.0, kHighestHz = 20000.0;
  Oscillator oscillator;
  std::vector<std::array<float, kStages>> states;
  std::vector<float> last;
  int until = 0;
  float swing = 0.0f, centre = 0.0f, low = 0.0f, decades = 1.0f, gain = 0.0f;
  float feedback = 0.0f, wet = 0.0f, dry = 1.0f;

  static float decade(double frequency_hz) {
    return log10(static_cast<float>(frequency_hz));
  }

  void begin(const PhaserKnobs& knobs) override {
    oscillator.begin(rate, knobs.rate_hz, knobs.phase_degrees, kEvery);
    states.assign(channels, {});
    last.assign(channels, 0.0f);
    until = 0;
  }

  void set(const PhaserKnobs& knobs) override {
    oscillator.set(rate, knobs.rate_hz, kEvery);
    swing = 0.5f * static_cast<float>(knobs.depth);
    low = decade(kLowestHz);
    decades = decade(std::min(kHighestHz, 0.49 * rate)) - low;
    centre = (decade(knobs.centre_frequency_hz) - low) / (decade(kHighestHz) - low);
    feedback = static_cast<float>(knobs.feedback);
    wet = static_cast<float>(knobs.mix);
    dry = 1.0f - wet;
  }

  void move() {
    const float place = swing * oscillator.next() + centre;
    const float power = std::min(std::max(place, 0.0f), 1.0f) * decades + low;
    const float cutoff_hz = pow(10.0f, power);
    const float g = static_cast<float>(tan(kPi * cutoff_hz / rate));
    gain = g / (1.0f + g);
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      if (until == 0) move();
      until = (until + 1) % kEvery;
      for (int c = 0; c < channels; ++c) {
        const float x = audio[c][t];
        float o = x - last[c];
        for (float& state : states[c]) {
          const float v = gain * (o - state);
          const float lowpassed = v + state;
          state = lowpassed + v;
          o = lowpassed + lowpassed - o;
        }
        last[c] = o * feedback;
        audio[c][t] = x * dry + o * wet;
      }
    }
  }

  void settle() override {
    for (auto& each : states)
      for (float& state : each) state = without_subnormals(state);
    for (float& each : last) each = without_subnormals(each);
  }
};
"""


PRIMITIVE = Primitive(
    kind="phaser",
    summary="Adds what all-passes that move to and fro make of the signal: notches that move.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        RATE,
        PHASE,
        ParameterSpec("depth", "", 0.0, 1.0, 0.5),
        ParameterSpec("centre_frequency_hz", "Hz", 50.0, 10_000.0, 1_300.0, "log"),
        FEEDBACK,
        MIX,
    ),
    gradient="full",
    process=process,
    jvp=jvp,
    plugin=plugin,
    twin="Phaser",
    pre_roll=stepped_oscillator_pre_roll,
    affine=frozenset({"mix"}),
    phase="phase_degrees",
    gain_shifts={},
    polarity_flips=frozenset(),
    neutral={"mix": 0.0},
    # at 44.1 kHz a step of the oscillator is 1,600 units of the last place, so it is not rounded
    probe={
        "rate_hz": 400 * 2.0**-21 * 44_100 / math.tau,
        "phase_degrees": 2_050 * 1_600 * 2.0**-21 * 180.0 / math.pi,
        "depth": 0.4,
        "centre_frequency_hz": 900.0,
        "feedback": 0.4,
        "mix": 0.6,
    },
    evidence=movement,
    moving_starts=moving_starts,
    realtime=REALTIME,
)
