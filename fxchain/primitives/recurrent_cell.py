"""Recurrent cell: what a device does, as a small network learned from a recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fxchain.errors import ParameterError
from fxchain.parameter import ParameterSpec
from fxchain.player import Asset, Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_linear

if TYPE_CHECKING:
    from torch import Tensor

#: Units of a cell that is drawn, and of any cell at most.
_UNITS, _MOST_UNITS = 2, 64


def process(audio: Tensor, playback: Playback, mix: Tensor) -> Tensor:
    """Play each channel through a gated recurrent cell: (1 − mix)·x + mix·cell(x).

    Args:
        audio: (batch, channels, time)
        playback: sample rate, and the cell's weights
        mix: (batch,), 0 leaves the signal, 1 is the cell alone

    Returns:
        (batch, channels, time)

    Source:
        see `fxchain.recurrent.weights.Layout`.
    """
    from fxchain.recurrent.torch_player import play

    amount = mix.to(audio.dtype)[:, None, None]
    return (1.0 - amount) * audio + amount * play(audio, *_held(playback))


def jvp(audio: Tensor, tangents: Tensor, steps: Tensor, playback: Playback, mix: Tensor) -> Tensor:
    """Return the derivatives of the output along the audio, then along the mix.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time), derivatives of the audio
        steps: (own, 1), derivatives of the mix
        playback: sample rate, and the cell's weights
        mix: (1,)

    Returns:
        (directions + own, channels, time)
    """
    import torch

    from fxchain.recurrent.torch_player import play, play_tangents

    amount = mix.to(audio.dtype)
    moved = (1.0 - amount) * tangents
    moved = moved + amount * play_tangents(audio, tangents, *_held(playback))
    own = steps.to(audio.dtype)[:, 0, None, None] * (play(audio, *_held(playback)) - audio)
    return torch.cat([moved, own])


def _held(playback: Playback) -> tuple[np.ndarray, float]:
    """Return the weights, and the sample rate of the playback with theirs as 1."""
    held = playback.assets["weights"]
    return held.samples[0], playback.sample_rate / held.sample_rate


def render(audio: np.ndarray, playback: Playback, mix: float) -> np.ndarray:
    """Play each channel through a gated recurrent cell in numpy."""
    held = playback.assets["weights"]
    weights, factor = held.samples[0].astype(np.float64), playback.sample_rate / held.sample_rate
    units = round(((64.0 + 12.0 * (len(weights) - 1)) ** 0.5 - 8.0) / 6.0)
    ends = np.cumsum([3 * units, 3 * units * units, 3 * units, units, units])
    by_audio, matrix, biases, inside, out, direct = np.split(weights, ends)
    matrix, gated = matrix.reshape(3 * units, units), 2 * units
    whole = max(int(factor), 1)
    share = factor - whole

    def step(sample: np.ndarray, state: np.ndarray) -> np.ndarray:
        moved, given = state @ matrix.T, sample[:, None] * by_audio + biases
        gates = 0.5 + 0.5 * np.tanh(0.5 * (moved + given)[:, :gated])
        update, reset = gates[:, :units], gates[:, units:]
        new = np.tanh(given[:, gated:] + reset * (moved[:, gated:] + inside))
        return np.asarray(new + update * (state - new))

    if "past" not in playback.state:
        rest = np.zeros((1, units))
        for _ in range(4_096):
            rest = step(np.zeros(1), rest)
        past = [np.repeat(rest, len(audio), axis=0)] * (whole + 1)
        playback.state["past"], playback.state["level"] = past, float(rest[0] @ out)
    past, level = playback.state["past"], playback.state["level"]
    made = np.empty(audio.shape)
    for place, sample in enumerate(audio.T.astype(np.float64)):
        near = past[-whole]
        state = step(sample, near + share * (past[-whole - 1] - near) if share else near)
        past = [*past[1:], state]
        made[:, place] = state @ out + direct[0] * sample - level
    playback.state["past"] = past
    return np.asarray((1.0 - mix) * audio + mix * made, dtype=np.float32)


def check_assets(assets: Mapping[str, Asset]) -> None:
    """Refuse weights that are no cell, see `Primitive`."""
    from fxchain.recurrent.weights import Layout

    channels, count = assets["weights"].samples.shape
    try:
        units = Layout.of_size(count).units
    except ValueError as error:
        raise ParameterError(f"weights: {error}") from error
    if channels != 1 or units > _MOST_UNITS:
        raise ParameterError(
            f"weights: a cell has one channel and at most {_MOST_UNITS} units, these have "
            f"{channels} and {units}"
        )


def draw_assets(rng: np.random.Generator) -> Mapping[str, Asset]:
    """Return the weights of a cell that saturates."""
    from fxchain.recurrent.weights import Layout, drawn_weights

    layout = Layout(_UNITS)
    weights = drawn_weights(layout, rng)
    weights[layout.recurrent :] = rng.normal(0.0, 0.7, _UNITS + 1)
    return {"weights": Asset(weights[None].astype(np.float32), 44_100)}


REALTIME = """
class RecurrentCell : public Effect<RecurrentCellKnobs> {
  using Values = std::vector<double>;
  int units = 0, whole = 1;
  double share = 0.0, level = 0.0, mix = 1.0;
  Values by_audio, matrix, biases, inside, out, given, moved, near, rest;
  double direct = 0.0;
  std::vector<std::vector<Values>> past;  // of each channel, the newest at `newest`
  std::size_t newest = 0;

  void allocate() override {
    const Asset& held = asset("weights");
    const std::vector<float>& weights = held.channels[0];
    units = static_cast<int>(
        std::nearbyint((std::sqrt(64.0 + 12.0 * (weights.size() - 1.0)) - 8.0) / 6.0));
    auto at = weights.begin();
    const auto take = [&](int count) {
      Values made(at, at + count);
      at += count;
      return made;
    };
    by_audio = take(3 * units);
    matrix = take(3 * units * units);
    biases = take(3 * units);
    inside = take(units);
    out = take(units);
    direct = *at;
    const double factor = rate / held.rate;
    whole = std::max(static_cast<int>(factor), 1);
    share = factor - whole;
    given.assign(3 * units, 0.0);
    moved.assign(3 * units, 0.0);
    near.assign(units, 0.0);
    rest.assign(units, 0.0);
    for (int n = 0; n < 4096; ++n) {
      near = rest;
      step(0.0, rest);
    }
    level = heard(rest);
    past.assign(channels, std::vector<Values>(whole + 1, rest));
  }

  void begin(const RecurrentCellKnobs&) override {
    for (auto& states : past)
      for (Values& state : states) state = rest;
    newest = 0;
  }

  void set(const RecurrentCellKnobs& knobs) override { mix = knobs.mix; }

  double heard(const Values& state) const {
    double sum = 0.0;
    for (int k = 0; k < units; ++k) sum += state[k] * out[k];
    return sum;
  }

  // Write the state that follows `near`.
  void step(double sample, Values& next) {
    for (int k = 0; k < 3 * units; ++k) {
      given[k] = sample * by_audio[k] + biases[k];
      moved[k] = 0.0;
      for (int i = 0; i < units; ++i) moved[k] += near[i] * matrix[k * units + i];
    }
    for (int k = 0; k < units; ++k) {
      const double update = 0.5 + 0.5 * tanh(0.5 * (moved[k] + given[k]));
      const int r = units + k, n = 2 * units + k;
      const double reset = 0.5 + 0.5 * tanh(0.5 * (moved[r] + given[r]));
      const double fresh = tanh(given[n] + reset * (moved[n] + inside[k]));
      next[k] = fresh + update * (near[k] - fresh);
    }
  }

  void play(float* const* audio, int count) override {
    const std::size_t size = whole + 1;
    for (int t = 0; t < count; ++t) {
      const std::size_t oldest = (newest + 1) % size;
      for (int c = 0; c < channels; ++c) {
        const Values& later = past[c][(oldest + 1) % size];
        const Values& earlier = past[c][oldest];
        for (int k = 0; k < units; ++k)
          near[k] = share ? later[k] + share * (earlier[k] - later[k]) : later[k];
        Values& state = past[c][oldest];
        const float x = audio[c][t];
        step(x, state);
        const double made = heard(state) + direct * x - level;
        audio[c][t] = static_cast<float>((1.0 - mix) * x + mix * made);
      }
      newest = oldest;
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="recurrent_cell",
    summary="Plays the signal through a small recurrent network that was learned from a pair.",
    nature="dynamic",
    purpose="drive",
    parameters=(ParameterSpec("mix", "", 0.0, 1.0, 1.0),),
    gradient="full",
    affine=frozenset({"mix"}),
    process=process,
    jvp=jvp,
    render=render,
    assets=("weights",),
    draw_assets=draw_assets,
    check_assets=check_assets,
    neutral={"mix": 0.0},
    probe={"mix": 0.7},
    evidence=beyond_linear,
    realtime=REALTIME,
)
