"""Rotary speaker: a horn and a drum that turn, each at a speed of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.player.moving_delay import delayed, oscillator_turns
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import movement
from fxchain.primitives.moving_pair import MovingPair, MovingStart
from fxchain.primitives.oscillator_controls import PHASE, RATE

if TYPE_CHECKING:
    from torch import Tensor

#: Controls of the horn and of the drum, and where they part.
HORN = ("rate_hz", "phase_degrees", "doppler_ms", "depth")
DRUM = ("drum_rate_hz", "drum_phase_degrees", "drum_doppler_ms", "drum_depth")
CROSSOVER = "crossover_hz"
#: What starts are chosen from: likely rates of either rotor, crossovers; the Doppler shift of all;
#: starts at the most.
SCANNED_RATES, SCANNED_HZ, START_MS, MOST_STARTS = 4, (300.0, 800.0, 2_000.0), 0.2, 2
#: Windows of the envelopes, s.
ENVELOPE_SECONDS = 0.02


def process(audio: Tensor, playback: Playback, **values: Tensor) -> Tensor:
    """Split into low and high, delay both by rotors that turn, make them softer, and add them.

    Each rotor is away from the listener by s(t) = ½ + ½·sin(2π·rate·t + phase), 0 to 1: its part of
    the sound is delayed by doppler·s and multiplied by 1 − depth·s.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        values: (batch,) each: `crossover_hz`, below which the drum plays, above which the horn;
            `rate_hz`, `phase_degrees` (at the first sample of the recording), `doppler_ms` and
            `depth` of the horn; the same of the drum, named `drum_…`

    Returns:
        (batch, channels, time)

    Source:
        J. O. Smith et al., "Doppler simulation and the Leslie", DAFx 2002: a delay and a level for
        each rotor. Two first-order low-passes in a row lead to the drum, what they leave to the
        horn.
    """
    from fxchain.dsp.rotors import played

    rotors = [tuple(values[name] for name in names) for names in (HORN, DRUM)]
    where = playback.sample_rate, playback.first_sample
    return played(audio, *where, values[CROSSOVER], *rotors)


def jvp(
    audio: Tensor, tangents: Tensor, steps: Tensor, playback: Playback, **values: Tensor
) -> Tensor:
    """Return the derivatives of the output along the audio, then along the values.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        steps: (own, 9), derivatives of the values, the audio constant
        playback: sample rate and position of the audio
        values: (1,) each, as in `process`

    Returns:
        (directions + own, channels, time)
    """
    from fxchain.dsp.rotors import tangents_played

    where = playback.sample_rate, playback.first_sample
    return tangents_played(audio, tangents, steps, *where, tuple(values.values()))


def render(audio: np.ndarray, playback: Playback, **values: float) -> np.ndarray:
    """Play horn and drum: pedalboard's low-passes, and delays and levels in numpy."""
    import pedalboard

    rate, state = playback.sample_rate, playback.state
    held = min(values["crossover_hz"], 0.45 * rate)
    if "low" not in state:
        state["low"] = [pedalboard.LowpassFilter(held), pedalboard.LowpassFilter(held)]
        for each in state["low"]:  # the largest block that it will be given
            each(np.zeros((len(audio), 8192), np.float32), rate, reset=True)
    low = audio
    for each in state["low"]:
        low = each(low, rate, reset=False)
    made = np.zeros_like(audio)
    for name, part in (("", audio - low), ("drum_", low)):
        hertz, degrees = values[name + "rate_hz"], values[name + "phase_degrees"]
        turns = oscillator_turns(playback, audio.shape[1], hertz, degrees)
        away = 0.5 + 0.5 * np.sin(2.0 * np.pi * turns)
        most = values[name + "doppler_ms"] * (rate / 1000.0)
        late = delayed(
            part, (most * away).astype(np.float32), int(most) + 1, playback, name + "line"
        )
        made += late * np.float32(1.0 - values[name + "depth"] * away)
    return made


def moving_starts(pair: MovingPair) -> Sequence[MovingStart]:
    """Return levels and phases by least squares on the envelopes of low and high.

    Envelopes, unlike the sound itself, hardly hear the Doppler shift.
    """
    import torch

    from fxchain.dsp.rotors import below

    found = []
    size = max(round(ENVELOPE_SECONDS * pair.sample_rate), 1)
    count = len(pair.dry) // size
    time = ((np.arange(count) + 0.5) * size + pair.first_sample) / pair.sample_rate
    both = torch.from_numpy(np.stack([pair.dry, pair.wet]))[None]
    for crossover_hz in SCANNED_HZ:
        crossover = torch.tensor([crossover_hz], dtype=torch.float64)
        low = below(both, pair.sample_rate, crossover)[0].numpy()
        left, values = 0.0, {CROSSOVER: crossover_hz}
        for (dry, wet), names in ((both[0].numpy() - low, HORN), (low, DRUM)):
            power = [np.square(x[: count * size]).reshape(count, size).mean(1) for x in (dry, wet)]
            rest, rotor = _rotor(np.sqrt(power[0]), np.sqrt(power[1]), time, pair.rates_hz)
            left += rest
            values |= dict(zip(names, rotor, strict=True))
        found.append((left, values))
    nearest = sorted(found, key=lambda each: each[0])[:MOST_STARTS]
    return [MovingStart(values) for _, values in nearest]


def _rotor(
    dry: np.ndarray, wet: np.ndarray, time: np.ndarray, rates_hz: Sequence[float]
) -> tuple[float, tuple[float, ...]]:
    """Return what the envelope of a rotor leaves, and its controls, at the best of the rates."""
    found = []
    for rate_hz in rates_hz[:SCANNED_RATES]:
        angle = 2.0 * np.pi * rate_hz * time
        columns = dry[:, None] * np.stack([np.ones(len(time)), np.sin(angle), np.cos(angle)], 1)
        weights = np.linalg.lstsq(columns, wet, rcond=None)[0]
        level, sine, cosine = map(float, weights)
        swing = math.hypot(sine, cosine)  # level·(1 − depth/2 − depth/2·sin(angle + phase))
        phase = math.degrees(math.atan2(-cosine, -sine)) % 360.0
        depth = min(2.0 * swing / (abs(level) + swing + 1e-12), 1.0)
        rest = float(np.sum((wet - columns @ weights) ** 2))
        found.append((rest, (rate_hz, phase, START_MS, depth)))
    return min(found)


REALTIME = """
class Rotary : public Effect<RotaryKnobs> {
  struct Rotor {
    Cycles cycles;
    DelayLines lines;
    double most = 0.0, depth = 0.0;

    void set(double rate, double rate_hz, double phase, double doppler_ms, double amount) {
      cycles.set(rate_hz, phase);
      most = doppler_ms * (rate / 1000.0);
      depth = amount;
    }

    void play(float* const* parts, float* const* sum, int channels, int count) {
      for (int t = 0; t < count; ++t) {
        const double away = 0.5 + 0.5 * sin(2.0 * kPi * cycles.next());
        const float delay = static_cast<float>(most * away);
        const float factor = static_cast<float>(1.0 - depth * away);
        for (int c = 0; c < channels; ++c) {
          lines.write(c, parts[c][t]);
          sum[c][t] += lines.read(c, delay) * factor;
        }
        lines.step();
      }
    }
  };

  Rotor horn, drum;
  Biquad first, second;
  std::vector<std::vector<float>> lows, highs;
  std::vector<float*> low, high;

  void allocate() override {
    const std::size_t longest = static_cast<std::size_t>(0.004 * rate) + 4;
    horn.lines.allocate(channels, longest);
    drum.lines.allocate(channels, longest);
    lows.assign(channels, std::vector<float>(kBlock));
    highs = lows;
    low.resize(channels);
    high.resize(channels);
    for (int c = 0; c < channels; ++c) {
      low[c] = lows[c].data();
      high[c] = highs[c].data();
    }
  }

  void begin(const RotaryKnobs& knobs) override {
    first.begin(channels);
    second.begin(channels);
    horn.lines.begin();
    drum.lines.begin();
    horn.cycles.begin(rate, knobs.rate_hz, knobs.phase_degrees);
    drum.cycles.begin(rate, knobs.drum_rate_hz, knobs.drum_phase_degrees);
  }

  void set(const RotaryKnobs& knobs) override {
    first.row = second.row = first_order_lowpass(rate, knobs.crossover_hz);
    horn.set(rate, knobs.rate_hz, knobs.phase_degrees, knobs.doppler_ms, knobs.depth);
    drum.set(rate, knobs.drum_rate_hz, knobs.drum_phase_degrees, knobs.drum_doppler_ms,
             knobs.drum_depth);
  }

  void play(float* const* audio, int count) override {
    for (int c = 0; c < channels; ++c) std::copy(audio[c], audio[c] + count, low[c]);
    first.play(low.data(), count);
    second.play(low.data(), count);
    for (int c = 0; c < channels; ++c)
      for (int t = 0; t < count; ++t) {
        high[c][t] = audio[c][t] - low[c][t];
        audio[c][t] = 0.0f;
      }
    horn.play(high.data(), audio, channels, count);
    drum.play(low.data(), audio, channels, count);
  }

  void settle() override {
    first.settle();
    second.settle();
  }
};
"""


def _controls(prefix: str, rate_hz: float) -> tuple[ParameterSpec, ...]:
    """Return the controls of a rotor."""
    return (
        replace(RATE, name=f"{prefix}rate_hz", default=rate_hz),
        replace(PHASE, name=f"{prefix}phase_degrees"),
        ParameterSpec(f"{prefix}doppler_ms", "ms", 0.0, 3.0, 0.5),
        ParameterSpec(f"{prefix}depth", "", 0.0, 1.0, 0.5),
    )


PRIMITIVE = Primitive(
    kind="rotary",
    summary="A rotary speaker: a horn and a drum, with speed, Doppler shift and level each.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        ParameterSpec(CROSSOVER, "Hz", 100.0, 5_000.0, 800.0, "log"),
        *_controls("", 0.8),
        *_controls("drum_", 0.7),
    ),
    gradient="full",
    process=process,
    jvp=jvp,
    render=render,
    affine=frozenset({"depth", "drum_depth"}),
    phase="phase_degrees",
    gain_shifts={},
    polarity_flips=frozenset(),
    neutral={"doppler_ms": 0.0, "depth": 0.0, "drum_doppler_ms": 0.0, "drum_depth": 0.0},
    probe={
        CROSSOVER: 900.0,
        "rate_hz": 6.1,
        "phase_degrees": 60.0,
        "doppler_ms": 0.71,
        "depth": 0.6,
        "drum_rate_hz": 5.2,
        "drum_phase_degrees": 200.0,
        "drum_doppler_ms": 0.53,
        "drum_depth": 0.7,
    },
    evidence=movement,
    moving_starts=moving_starts,
    realtime=REALTIME,
)
