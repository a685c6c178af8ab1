"""Modulated all-passes: a copy behind all-passes that move as was measured, behind filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fxchain.errors import ParameterError
from fxchain.parameter import ParameterSpec
from fxchain.player import Asset, Playback
from fxchain.player.loop_filter import loop_filter, one_pole_gain
from fxchain.player.measured_responses import filtered_sum, responses_at
from fxchain.player.moving_allpass import allpass_loop
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

#: The corners are at most so many octaves from 1 kHz, and this is the longest chain.
MOST_OCTAVES, MOST_STAGES = 10.0, 24


def _effect(playback: Playback, channels: int) -> FilteredCopy:
    """Return the all-passes with their tables and responses at the rate of the playback."""
    import torch

    from fxchain.dsp.filtered_copy import FilteredCopy
    from fxchain.dsp.table_allpass import table_allpass
    from fxchain.dsp.table_oscillators import TableOscillators

    tables = playback.assets["corners"].samples[0].astype(np.float64).reshape(2, -1)
    stages = torch.from_numpy(playback.assets["stages"].samples[0].astype(np.float64))
    rate = float(playback.sample_rate)
    responses = torch.from_numpy(responses_at(playback.assets["responses"], 2, channels, rate))
    oscillators = TableOscillators(torch.from_numpy(tables), rate, playback.first_sample)
    allpass = table_allpass(oscillators, stages)
    return FilteredCopy(allpass.play, allpass.move, responses)


def process(audio: Tensor, playback: Playback, **values: Tensor) -> Tensor:
    """Return (1 − mix)·x + mix·(h₀ * x + h₁ * w), w behind all-passes with corners that move.

    The asset `corners` holds one period of each of two oscillators, octaves above 1 kHz, from the
    phase 0 on; their sum is where the corner is. With another depth than 1 it moves about its mean
    by so many times as much. The asset `stages` has a value for each all-pass, by how many octaves
    its corner is higher than that. What comes out is subtracted, `feedback` times and behind a
    high-pass and a low-pass of first order, from what goes in, without delay. The asset `responses`
    holds h₀ and h₁.

    Args:
        audio: (batch, channels, time)
        playback: sample rate, position, corners, stages and responses
        values: (batch,) each: `rate_hz` and `phase_degrees` (at the first sample of the recording)
            of the first oscillator, `second_rate_hz` and `second_phase_degrees`, `depth`,
            `feedback`, `loop_highpass_hz`, `loop_lowpass_hz`, and `mix`, 0 leaves the signal

    Returns:
        (batch, channels, time)

    Source:
        J. O. Smith, "An all-pass approach to digital phasing and flanging", 1984; one-poles in
        topology-preserving form, V. Zavalishin, "The Art of VA Filter Design", 2012.
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
        playback: sample rate, position, corners, stages and responses
        values: (1,) each, as in `process`

    Returns:
        (directions + own, channels, time)
    """
    *moving, mix = values.values()
    return _effect(playback, audio.shape[-2]).jvp(audio, tangents, steps, tuple(moving), mix)


def render(audio: np.ndarray, playback: Playback, **values: float) -> np.ndarray:
    """Play the all-passes and the responses of `playback.assets` in numpy."""
    rate, held = playback.sample_rate, playback.assets
    tables = held["corners"].samples[0].astype(np.float64).reshape(2, -1)
    octaves = table_oscillators(playback, audio.shape[1], tables, values)
    higher = held["stages"].samples[0].astype(np.float64)
    gains = one_pole_gain(1_000.0 * np.exp2(octaves[:, None] + higher), rate)
    filters = values["loop_highpass_hz"], values["loop_lowpass_hz"]
    loop = loop_filter(values["feedback"], *filters, rate)
    copy = allpass_loop(audio, gains, loop, playback, "loop")
    responses = responses_at(held["responses"], 2, len(audio), rate)
    made = filtered_sum((audio, copy), responses, playback)
    return np.asarray((1.0 - values["mix"]) * audio + values["mix"] * made, dtype=np.float32)


def draw_assets(rng: np.random.Generator) -> Mapping[str, Asset]:
    """Draw two oscillators, four all-passes and two responses."""
    stages = rng.uniform(-0.5, 0.5, (1, 4)).astype(np.float32)
    corners = draw_tables(rng, 0.0, 1.0)
    return {
        "corners": corners,
        "stages": Asset(stages, 44_100),
        "responses": draw_responses(rng, 2),
    }


def check_assets(assets: Mapping[str, Asset]) -> None:
    """Refuse corners that are no two tables, and stages that are no row, see `Primitive`."""
    check_tables("corners", assets["corners"], MOST_OCTAVES, "octaves")
    stages = assets["stages"].samples
    if len(stages) != 1 or not 1 <= stages.shape[1] <= MOST_STAGES:
        raise ParameterError(
            f"stages: one channel with 1 to {MOST_STAGES} values is needed, these have the shape "
            f"{stages.shape}"
        )
    if float(np.abs(stages).max()) > MOST_OCTAVES:
        raise ParameterError(f"stages: at most {MOST_OCTAVES:g} octaves, these reach beyond")


REALTIME = """
class ModulatedAllpass : public Effect<ModulatedAllpassKnobs> {
  static constexpr double kLn2 = 0.6931471805599453;
  struct Channel {
    std::vector<double> states;
    LoopFilter::State behind;
  };
  std::vector<Convolver> direct, behind;
  std::vector<Channel> loops;
  std::vector<double> factors, gains;
  TableCycles swings;
  LoopFilter filter;
  double mix = 1.0;

  void allocate() override {
    swings.allocate(asset("corners").channels[0]);
    factors.clear();
    for (double octaves : asset("stages").channels[0])
      factors.push_back(1000.0 * exp(kLn2 * octaves));
    gains.assign(factors.size(), 0.0);
    loops.resize(channels);
    for (Channel& each : loops) each.states.resize(factors.size());
    direct.clear();
    behind.clear();
    for (int c = 0; c < channels; ++c) {
      direct.emplace_back(measured_response(asset("responses"), c, 0, rate));
      behind.emplace_back(measured_response(asset("responses"), c, 1, rate));
    }
  }

  void begin(const ModulatedAllpassKnobs& knobs) override {
    for (Convolver& each : direct) each.begin();
    for (Convolver& each : behind) each.begin();
    for (Channel& each : loops) {
      std::fill(each.states.begin(), each.states.end(), 0.0);
      each.behind = LoopFilter::State();
    }
    swings.begin(rate, knobs);
  }

  void set(const ModulatedAllpassKnobs& knobs) override {
    swings.set(knobs);
    filter.set(rate, knobs);
    mix = knobs.mix;
  }

  // What the all-passes and the loop make of a sample.
  double played(Channel& at, double x) const {
    double own = 0.0, through = 1.0;
    for (std::size_t k = 0; k < gains.size(); ++k) {
      const double turn = 2.0 * gains[k] - 1.0;
      own = turn * own + (1.0 - turn) * at.states[k];
      through *= turn;
    }
    double o = filter.enter(at.behind, x, own, through);
    for (std::size_t k = 0; k < gains.size(); ++k) {
      const double v = gains[k] * (o - at.states[k]);
      const double lowpassed = v + at.states[k];
      at.states[k] = lowpassed + v;
      o = 2.0 * lowpassed - o;
    }
    filter.follow(at.behind, o);
    return o;
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      const double factor = exp(kLn2 * swings.next());
      for (std::size_t k = 0; k < gains.size(); ++k)
        gains[k] = one_pole_gain(factors[k] * factor, rate);
      for (int c = 0; c < channels; ++c) {
        const float x = audio[c][t];
        const double copy = played(loops[c], x);
        const double wet = static_cast<double>(direct[c].next(x)) +
                           behind[c].next(static_cast<float>(copy));
        audio[c][t] = static_cast<float>((1.0 - mix) * x + mix * wet);
      }
    }
  }

  void settle() override {
    for (Channel& each : loops) {
      for (double& state : each.states)
        if (std::fabs(state) < 1e-25) state = 0.0;
      each.behind.settle();
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="modulated_allpass",
    summary="Adds a copy behind all-passes that move as was measured, both behind filters.",
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
    assets=("corners", "stages", "responses"),
    draw_assets=draw_assets,
    check_assets=check_assets,
    neutral={"mix": 0.0},
    probe={
        **TABLE_SWINGS_PROBE,
        **FEEDBACK_LOOP_PROBE,
        "mix": 0.7,
    },
    evidence=beyond_linear,
    realtime=REALTIME,
)
