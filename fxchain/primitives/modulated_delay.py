"""Modulated delay: a copy whose delay moves as was measured, beside the signal, behind filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Asset, Playback
from fxchain.player.delay_loop import delay_loop
from fxchain.player.loop_filter import loop_filter
from fxchain.player.measured_responses import filtered_sum, responses_at
from fxchain.player.moving_delay import table_oscillators
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_linear
from fxchain.primitives.oscillator_controls import (
    FEEDBACK_LOOP,
    FEEDBACK_LOOP_PROBE,
    TABLE_SWINGS,
    TABLE_SWINGS_PROBE,
)
from fxchain.primitives.table_assets import check_tables, draw_responses, draw_tables

if TYPE_CHECKING:
    from torch import Tensor

    from fxchain.dsp.filtered_copy import FilteredCopy

#: The longest delay of a table, ms.
LONGEST_MS = 100.0


def _effect(playback: Playback, channels: int) -> FilteredCopy:
    """Return the delay with its tables and responses at the sample rate of the playback."""
    import torch

    from fxchain.dsp.filtered_copy import FilteredCopy
    from fxchain.dsp.table_delay import table_delay
    from fxchain.dsp.table_oscillators import TableOscillators

    tables = playback.assets["delays"].samples[0].astype(np.float64).reshape(2, -1)
    rate = float(playback.sample_rate)
    responses = torch.from_numpy(responses_at(playback.assets["responses"], 2, channels, rate))
    oscillators = TableOscillators(torch.from_numpy(tables), rate, playback.first_sample)
    delay = table_delay(oscillators)
    return FilteredCopy(delay.play, delay.move, responses)


def process(audio: Tensor, playback: Playback, **values: Tensor) -> Tensor:
    """Return (1 − mix)·x + mix·(h₀ * x + h₁ * w), w what goes into a line, d(t) late.

    The asset `delays` holds one period of each of two oscillators, ms, from the phase 0 on, whose
    sum is d; between its values lies a straight line. With another depth than 1, d moves about its
    mean by so many times as much. What comes out is subtracted, `feedback` times and behind a
    high-pass and a low-pass of first order, from what goes in: echoes are 2·d, 3·d … late. The
    asset `responses` holds h₀ and h₁.

    Args:
        audio: (batch, channels, time)
        playback: sample rate, position, delays and responses
        values: (batch,) each: `rate_hz` and `phase_degrees` (at the first sample of the recording)
            of the first oscillator, `second_rate_hz` and `second_phase_degrees`, `depth`,
            `feedback`, `loop_highpass_hz`, `loop_lowpass_hz`, and `mix`, 0 leaves the signal

    Returns:
        (batch, channels, time)

    Source:
        J. Dattorro, "Effect Design, Part 2: Delay-Line Modulation and Chorus", 1997, with
        oscillators of any shape and linear interpolation.
    """
    *moving, mix = values.values()
    return _effect(playback, audio.shape[-2]).process(audio, tuple(moving), mix)


def jvp(
    audio: Tensor, tangents: Tensor, steps: Tensor, playback: Playback, **values: Tensor
) -> Tensor:
    """Return the derivatives of the output along the audio, then along the values.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        steps: (own, 9), derivatives of the values, the audio constant
        playback: sample rate, position, delays and responses
        values: (1,) each, as in `process`

    Returns:
        (directions + own, channels, time)
    """
    *moving, mix = values.values()
    return _effect(playback, audio.shape[-2]).jvp(audio, tangents, steps, tuple(moving), mix)


def render(audio: np.ndarray, playback: Playback, **values: float) -> np.ndarray:
    """Play the delay and the responses of `playback.assets` in numpy."""
    rate, held = playback.sample_rate, playback.assets
    tables = held["delays"].samples[0].astype(np.float64).reshape(2, -1)
    late = table_oscillators(playback, audio.shape[1], tables, values)
    delays = (np.maximum(late, 0.0) * (rate / 1000.0)).astype(np.float32)
    longest = int(3.0 * np.abs(tables).max(axis=1).sum() * rate / 1000.0) + 1
    filters = values["loop_highpass_hz"], values["loop_lowpass_hz"]
    loop = loop_filter(values["feedback"], *filters, rate)
    copy = delay_loop(audio, delays, loop, longest, playback, "line")
    responses = responses_at(held["responses"], 2, len(audio), rate)
    made = filtered_sum((audio, copy), responses, playback)
    return np.asarray((1.0 - values["mix"]) * audio + values["mix"] * made, dtype=np.float32)


def draw_assets(rng: np.random.Generator) -> Mapping[str, Asset]:
    """Draw two oscillators and two responses."""
    tables = draw_tables(rng, 3.0, 1.0)
    return {"delays": tables, "responses": draw_responses(rng, 2)}


def check_assets(assets: Mapping[str, Asset]) -> None:
    """Refuse delays that are no two tables, see `Primitive`."""
    check_tables("delays", assets["delays"], LONGEST_MS, "ms")


REALTIME = """
class ModulatedDelay : public Effect<ModulatedDelayKnobs> {
  std::vector<Convolver> direct, behind;
  DelayLines lines;
  std::vector<LoopFilter::State> loops;
  TableCycles swings;
  LoopFilter filter;
  double mix = 1.0;

  void allocate() override {
    swings.allocate(asset("delays").channels[0]);
    direct.clear();
    behind.clear();
    for (int c = 0; c < channels; ++c) {
      direct.emplace_back(measured_response(asset("responses"), c, 0, rate));
      behind.emplace_back(measured_response(asset("responses"), c, 1, rate));
    }
    const double longest = 3.0 * swings.most() * rate / 1000.0;
    lines.allocate(channels, static_cast<std::size_t>(longest) + 4);
    loops.resize(channels);
  }

  void begin(const ModulatedDelayKnobs& knobs) override {
    for (Convolver& each : direct) each.begin();
    for (Convolver& each : behind) each.begin();
    lines.begin();
    std::fill(loops.begin(), loops.end(), LoopFilter::State());
    swings.begin(rate, knobs);
  }

  void set(const ModulatedDelayKnobs& knobs) override {
    swings.set(knobs);
    filter.set(rate, knobs);
    mix = knobs.mix;
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      const float delay = static_cast<float>(std::max(swings.next(), 0.0) * (rate / 1000.0));
      // what is written is read at once where the delay is shorter than a sample
      const double through = delay < 1.0f ? 1.0 - delay : 0.0;
      for (int c = 0; c < channels; ++c) {
        const float x = audio[c][t];
        lines.write(c, 0.0f);
        const double entered = filter.enter(loops[c], x, lines.read(c, delay), through);
        lines.write(c, static_cast<float>(entered));
        const float copy = lines.read(c, delay);
        filter.follow(loops[c], copy);
        const double wet = static_cast<double>(direct[c].next(x)) + behind[c].next(copy);
        audio[c][t] = static_cast<float>((1.0 - mix) * x + mix * wet);
      }
      lines.step();
    }
  }

  void settle() override {
    for (LoopFilter::State& each : loops) each.settle();
  }
};
"""


PRIMITIVE = Primitive(
    kind="modulated_delay",
    summary="Adds a copy whose delay moves as was measured, both behind measured filters.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        *TABLE_SWINGS,
        *FEEDBACK_LOOP,
        ParameterSpec("mix", "", 0.0, 1.0, 1.0),
    ),
    gradient="full",
    process=process,
    jvp=jvp,
    render=render,
    affine=frozenset({"mix"}),
    phase="phase_degrees",
    gain_shifts={},
    polarity_flips=frozenset(),
    assets=("delays", "responses"),
    draw_assets=draw_assets,
    check_assets=check_assets,
    neutral={"mix": 0.0},
    probe={
        **TABLE_SWINGS_PROBE,
        **FEEDBACK_LOOP_PROBE,
        "mix": 0.7,
    },
    added=frozenset(spec.name for spec in FEEDBACK_LOOP),
    evidence=beyond_linear,
    realtime=REALTIME,
)
