"""Modulated delay: a copy whose delay moves as was measured, beside the signal, behind filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fxchain.errors import ParameterError
from fxchain.parameter import ParameterSpec
from fxchain.player import Asset, Playback
from fxchain.player.measured_responses import RESPONSE_SECONDS, filtered_blocks, responses_at
from fxchain.player.moving_delay import delayed, oscillator_turns
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_linear
from fxchain.primitives.oscillator_controls import PHASE, RATE

if TYPE_CHECKING:
    from torch import Tensor

    from fxchain.dsp.table_delay import TableDelay

#: The longest delay of a table, ms.
LONGEST_MS = 100.0


def _effect(playback: Playback, channels: int) -> TableDelay:
    """Return the delay with its tables and responses at the sample rate of the playback."""
    import torch

    from fxchain.dsp.table_delay import TableDelay

    delays = playback.assets["delays"].samples[0].astype(np.float64).reshape(2, -1)
    rate = float(playback.sample_rate)
    responses = torch.from_numpy(responses_at(playback.assets["responses"], 2, channels, rate))
    return TableDelay(torch.from_numpy(delays), responses, rate, playback.first_sample)


def process(audio: Tensor, playback: Playback, **values: Tensor) -> Tensor:
    """Return (1 − mix)·x + mix·(h₀ * x + h₁ * w), w the signal d(t) late.

    The asset `delays` holds one period of each of two oscillators, ms, from the phase 0 on, whose
    sum is d; between its values lies a straight line. With another depth than 1, d moves about its
    mean by so many times as much. The asset `responses` holds h₀ and h₁.

    Args:
        audio: (batch, channels, time)
        playback: sample rate, position, delays and responses
        values: (batch,) each: `rate_hz` and `phase_degrees` (at the first sample of the recording)
            of the first oscillator, `second_rate_hz` and `second_phase_degrees`, `depth`, and
            `mix`, 0 leaves the signal

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
        steps: (own, 6), derivatives of the values, the audio constant
        playback: sample rate, position, delays and responses
        values: (1,) each, as in `process`

    Returns:
        (directions + own, channels, time)
    """
    *moving, mix = values.values()
    return _effect(playback, audio.shape[-2]).jvp(audio, tangents, steps, tuple(moving), mix)


def render(
    audio: np.ndarray,
    playback: Playback,
    rate_hz: float,
    phase_degrees: float,
    second_rate_hz: float,
    second_phase_degrees: float,
    depth: float,
    mix: float,
) -> np.ndarray:
    """Play the delay and the responses of `playback.assets` in numpy."""
    rate, samples = playback.sample_rate, audio.shape[1]
    tables = playback.assets["delays"].samples[0].astype(np.float64).reshape(2, -1)
    mean, late = float(tables.mean(axis=1).sum()), np.zeros(samples)
    for table, hertz, degrees in (
        (tables[0], rate_hz, phase_degrees),
        (tables[1], second_rate_hz, second_phase_degrees),
    ):
        turns = oscillator_turns(playback, samples, hertz, degrees)
        place = (turns - np.floor(turns)) * len(table)
        at = np.floor(place).astype(int) % len(table)
        near, far = table[at], table[(at + 1) % len(table)]
        late = late + near + (place - np.floor(place)) * (far - near)
    late = np.maximum(mean + depth * (late - mean), 0.0)
    longest = int(3.0 * np.abs(tables).max(axis=1).sum() * rate / 1000.0) + 1
    copy = delayed(audio, (late * (rate / 1000.0)).astype(np.float32), longest, playback, "line")
    filters = responses_at(playback.assets["responses"], 2, len(audio), rate)
    made = np.zeros(audio.shape)
    for number, signal in enumerate((audio, copy)):
        own = filters[:, number : number + 1]
        for begin, block in filtered_blocks(signal, own, playback, f"tail {number}"):
            made[:, begin : begin + block.shape[2]] += block[:, 0]
    return np.asarray((1.0 - mix) * audio + mix * made, dtype=np.float32)


def draw_assets(rng: np.random.Generator) -> Mapping[str, Asset]:
    """Draw two oscillators and two responses."""
    turn = 2.0 * np.pi * np.arange(256) / 256
    first = 3.0 + np.sin(turn + rng.uniform(0.0, 6.0)) + 0.3 * np.sin(2.0 * turn)
    second = 0.4 * np.sin(turn + rng.uniform(0.0, 6.0))
    responses = np.zeros((1, 2 * round(RESPONSE_SECONDS * 44_100)), np.float32)
    decay = np.exp(-np.arange(64) / 10.0)
    for begin in (0, responses.shape[1] // 2):
        responses[0, begin : begin + 64] = 0.2 * decay * rng.standard_normal(64)
        responses[0, begin] = 0.5
    both = np.concatenate([first, second])[None].astype(np.float32)
    return {"delays": Asset(both, 44_100), "responses": Asset(responses, 44_100)}


def check_assets(assets: Mapping[str, Asset]) -> None:
    """Refuse delays that are no two tables, see `Primitive`."""
    delays = assets["delays"].samples
    if len(delays) != 1 or delays.shape[1] < 2 or delays.shape[1] % 2:
        raise ParameterError(
            "delays: one channel with two tables of equal length is needed, these have the shape "
            f"{delays.shape}"
        )
    if float(np.abs(delays).max()) > LONGEST_MS:
        raise ParameterError(f"delays: at most {LONGEST_MS:g} ms, these reach beyond")


REALTIME = """
class ModulatedDelay : public Effect<ModulatedDelayKnobs> {
  std::vector<Convolver> direct, behind;
  DelayLines lines;
  std::vector<double> tables[2];
  Cycles cycles[2];
  double mean = 0.0, depth = 1.0, mix = 1.0;

  void allocate() override {
    const std::vector<float>& delays = asset("delays").channels[0];
    const std::size_t entries = delays.size() / 2;
    double most = 0.0;
    mean = 0.0;
    for (int n = 0; n < 2; ++n) {
      tables[n].assign(delays.begin() + n * entries, delays.begin() + (n + 1) * entries);
      double sum = 0.0, largest = 0.0;
      for (double each : tables[n]) {
        sum += each;
        largest = std::max(largest, std::fabs(each));
      }
      mean += sum / static_cast<double>(entries);
      most += largest;
    }
    direct.clear();
    behind.clear();
    for (int c = 0; c < channels; ++c) {
      direct.emplace_back(measured_response(asset("responses"), c, 0, rate));
      behind.emplace_back(measured_response(asset("responses"), c, 1, rate));
    }
    lines.allocate(channels, static_cast<std::size_t>(3.0 * most * rate / 1000.0) + 4);
  }

  void begin(const ModulatedDelayKnobs& knobs) override {
    for (Convolver& each : direct) each.begin();
    for (Convolver& each : behind) each.begin();
    lines.begin();
    cycles[0].begin(rate, knobs.rate_hz, knobs.phase_degrees);
    cycles[1].begin(rate, knobs.second_rate_hz, knobs.second_phase_degrees);
  }

  void set(const ModulatedDelayKnobs& knobs) override {
    cycles[0].set(knobs.rate_hz, knobs.phase_degrees);
    cycles[1].set(knobs.second_rate_hz, knobs.second_phase_degrees);
    depth = knobs.depth;
    mix = knobs.mix;
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      double late = 0.0;
      for (int n = 0; n < 2; ++n) {
        const std::vector<double>& table = tables[n];
        const double turns = cycles[n].next();
        const double at = (turns - std::floor(turns)) * static_cast<double>(table.size());
        const std::size_t whole = static_cast<std::size_t>(std::floor(at)) % table.size();
        const double near = table[whole], far = table[(whole + 1) % table.size()];
        late += near + (at - std::floor(at)) * (far - near);
      }
      late = std::max(mean + depth * (late - mean), 0.0);
      const float delay = static_cast<float>(late * (rate / 1000.0));
      for (int c = 0; c < channels; ++c) {
        const float x = audio[c][t];
        lines.write(c, x);
        const double wet =
            static_cast<double>(direct[c].next(x)) + behind[c].next(lines.read(c, delay));
        audio[c][t] = static_cast<float>((1.0 - mix) * x + mix * wet);
      }
      lines.step();
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="modulated_delay",
    summary="Adds a copy whose delay moves as was measured, both behind measured filters.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        replace(RATE, low=0.02),
        PHASE,
        replace(RATE, name="second_rate_hz", low=0.02),
        replace(PHASE, name="second_phase_degrees"),
        ParameterSpec("depth", "", 0.0, 2.0, 1.0),
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
        "rate_hz": 4.0,
        "phase_degrees": 60.0,
        "second_rate_hz": 3.1,
        "second_phase_degrees": 200.0,
        "depth": 0.9,
        "mix": 0.7,
    },
    evidence=beyond_linear,
    realtime=REALTIME,
)
