"""Periodic filter: measured impulse responses that change periodically."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Asset, Playback
from fxchain.player.measured_responses import RESPONSE_SECONDS, filtered_blocks, responses_at
from fxchain.player.moving_delay import oscillator_turns
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_linear

if TYPE_CHECKING:
    from torch import Tensor


def process(
    audio: Tensor, playback: Playback, rate_hz: Tensor, phase_degrees: Tensor, mix: Tensor
) -> Tensor:
    """Add up filtered signals, each times a harmonic of the rate.

    y(t) = h₀ * x + Σ_k cos(kφ)·(a_k * x) + sin(kφ)·(b_k * x), φ = 2π·rate·t + phase, t counted from
    the recording's start. The asset `responses` holds h₀, a₁, b₁, a₂, b₂, …

    Args:
        audio: (batch, channels, time)
        playback: sample rate, position, and the responses
        rate_hz: (batch,), of the change
        phase_degrees: (batch,), φ at the first sample of the recording
        mix: (batch,), 0 leaves the signal, 1 is the sum alone

    Returns:
        (batch, channels, time)

    Source:
        linear, periodically time-varying systems (Zadeh 1950).
    """
    import torch

    held, rate = playback.assets["responses"], float(playback.sample_rate)
    table = torch.from_numpy(responses_at(held, _count(held), audio.shape[-2], rate))
    samples, taps = audio.shape[-1], table.shape[-1]
    length = 1 << (samples + taps - 2).bit_length()
    spectrum = torch.fft.rfft(audio.double(), length)
    time = (torch.arange(samples, dtype=torch.float64) + playback.first_sample) / rate
    cycles = rate_hz.double()[:, None] * time + phase_degrees.double()[:, None] / 360.0
    total = torch.zeros_like(audio, dtype=torch.float64)
    for number, response in enumerate(table.unbind(1)):
        angle = 2.0 * math.pi * ((number + 1) // 2) * cycles
        factor = (torch.sin(angle) if number and number % 2 == 0 else torch.cos(angle))[:, None]
        filtered = torch.fft.irfft(spectrum * torch.fft.rfft(response, length), length)
        total = total + factor * filtered[..., :samples]
    amount = mix.double()[:, None, None]
    return ((1.0 - amount) * audio + amount * total).to(audio.dtype)


def _count(held: Asset) -> int:
    """Return how many responses an asset holds: one, and two for each harmonic."""
    taps = round(RESPONSE_SECONDS * held.sample_rate)
    return max((held.samples.shape[1] // taps - 1) // 2 * 2 + 1, 1)


def render(
    audio: np.ndarray, playback: Playback, rate_hz: float, phase_degrees: float, mix: float
) -> np.ndarray:
    """Play the responses of `playback.assets`, each times a harmonic of the rate, in numpy."""
    held = playback.assets["responses"]
    count = max((held.samples.shape[1] // round(0.012 * held.sample_rate) - 1) // 2 * 2 + 1, 1)
    table = responses_at(held, count, len(audio), playback.sample_rate)
    turns = oscillator_turns(playback, audio.shape[1], rate_hz, phase_degrees)
    made = np.zeros(audio.shape)
    for begin, block in filtered_blocks(audio, table, playback, "past"):
        span = slice(begin, begin + block.shape[2])
        for number in range(count):
            angle = 2.0 * np.pi * ((number + 1) // 2) * turns[span]
            factor = np.sin(angle) if number and number % 2 == 0 else np.cos(angle)
            made[:, span] += factor * block[:, number]
    return np.asarray((1.0 - mix) * audio + mix * made, dtype=np.float32)


REALTIME = """
class PeriodicFilter : public Effect<PeriodicFilterKnobs> {
  std::vector<std::vector<Convolver>> rows;
  std::vector<double> factors;
  Cycles cycles;
  double mix = 1.0;

  void allocate() override {
    const Asset& held = asset("responses");
    const std::size_t whole = held.channels[0].size() / response_taps(held);
    const std::size_t count = whole < 2 ? 1 : (whole - 1) / 2 * 2 + 1;
    rows.assign(channels, {});
    for (int c = 0; c < channels; ++c)
      for (std::size_t k = 0; k < count; ++k)
        rows[c].emplace_back(measured_response(held, c, k, rate));
    factors.assign(count, 0.0);
  }

  void begin(const PeriodicFilterKnobs& knobs) override {
    for (auto& row : rows)
      for (Convolver& each : row) each.begin();
    cycles.begin(rate, knobs.rate_hz, knobs.phase_degrees);
  }

  void set(const PeriodicFilterKnobs& knobs) override {
    cycles.set(knobs.rate_hz, knobs.phase_degrees);
    mix = knobs.mix;
  }

  void play(float* const* audio, int count) override {
    for (int t = 0; t < count; ++t) {
      const double turns = cycles.next();
      for (std::size_t k = 0; k < factors.size(); ++k) {
        const double angle = 2.0 * kPi * static_cast<double>((k + 1) / 2) * turns;
        factors[k] = k > 0 && k % 2 == 0 ? sin(angle) : cos(angle);
      }
      for (int c = 0; c < channels; ++c) {
        const float x = audio[c][t];
        double total = 0.0;
        for (std::size_t k = 0; k < factors.size(); ++k) total += factors[k] * rows[c][k].next(x);
        audio[c][t] = static_cast<float>((1.0 - mix) * x + mix * total);
      }
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="periodic_filter",
    summary="Plays the signal through measured responses that change periodically.",
    nature="time_varying",
    purpose="modulation",
    parameters=(
        ParameterSpec("rate_hz", "Hz", 0.02, 20.0, 1.0, "log"),
        ParameterSpec("phase_degrees", "°", -720.0, 720.0, 0.0),
        ParameterSpec("mix", "", 0.0, 1.0, 1.0),
    ),
    gradient="full",
    affine=frozenset({"mix"}),
    phase="phase_degrees",
    gain_shifts={},
    polarity_flips=frozenset(),
    process=process,
    render=render,
    assets=("responses",),
    neutral={"mix": 0.0},
    probe={"rate_hz": 4.0, "phase_degrees": 60.0, "mix": 0.7},
    evidence=beyond_linear,
    realtime=REALTIME,
)
