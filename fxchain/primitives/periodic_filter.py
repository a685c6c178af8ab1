"""Periodic filter: measured impulse responses that change periodically."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive
from fxchain.primitives.evidence import beyond_linear

if TYPE_CHECKING:
    from torch import Tensor

#: Length of each response, s. The asset holds an odd number of them, one after the other.
RESPONSE_SECONDS = 0.012


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

    table = torch.from_numpy(_table(playback, audio.shape[-2]))
    samples, taps = audio.shape[-1], table.shape[-1]
    length = 1 << (samples + taps - 2).bit_length()
    spectrum = torch.fft.rfft(audio.double(), length)
    time = (torch.arange(samples, dtype=torch.float64) + playback.first_sample) / float(
        playback.sample_rate
    )
    cycles = rate_hz.double()[:, None] * time + phase_degrees.double()[:, None] / 360.0
    total = torch.zeros_like(audio, dtype=torch.float64)
    for number, response in enumerate(table.unbind(1)):
        angle = 2.0 * math.pi * ((number + 1) // 2) * cycles
        factor = (torch.sin(angle) if number and number % 2 == 0 else torch.cos(angle))[:, None]
        filtered = torch.fft.irfft(spectrum * torch.fft.rfft(response, length), length)
        total = total + factor * filtered[..., :samples]
    amount = mix.double()[:, None, None]
    return ((1.0 - amount) * audio + amount * total).to(audio.dtype)


def _table(playback: Playback, channels: int) -> np.ndarray:
    """Return the responses at the sample rate of the playback, (channels, responses, taps)."""
    held = playback.assets["responses"]
    taps = round(RESPONSE_SECONDS * held.sample_rate)
    count = max((held.samples.shape[1] // taps - 1) // 2 * 2 + 1, 1)
    whole = np.zeros((len(held.samples), count * taps))
    whole[:, : held.samples.shape[1]] = held.samples[:, : count * taps]
    table = whole.reshape(len(whole), count, taps)[:channels]
    ratio = held.sample_rate / playback.sample_rate
    if ratio != 1.0:
        times = ratio * np.arange(math.ceil(taps / ratio))[:, None] - np.arange(taps)
        table = table @ (min(ratio, 1.0) * np.sinc(times / max(ratio, 1.0))).T
    return np.ascontiguousarray(table)


def render(
    audio: np.ndarray, playback: Playback, rate_hz: float, phase_degrees: float, mix: float
) -> np.ndarray:
    """Play the responses of `playback.assets`, each times a harmonic of the rate, in numpy."""
    held = playback.assets["responses"]
    taps = round(0.012 * held.sample_rate)
    count = max((held.samples.shape[1] // taps - 1) // 2 * 2 + 1, 1)
    whole = np.zeros((len(held.samples), count * taps))
    whole[:, : held.samples.shape[1]] = held.samples[:, : count * taps]
    table = whole.reshape(len(whole), count, taps)[: len(audio)]
    ratio = held.sample_rate / playback.sample_rate
    if ratio != 1.0:
        times = ratio * np.arange(int(np.ceil(taps / ratio)))[:, None] - np.arange(taps)
        table = table @ (min(ratio, 1.0) * np.sinc(times / max(ratio, 1.0))).T
    reach, size = table.shape[2] - 1, 16_384
    while size < 8 * reach:
        size *= 2
    past = playback.state.get("past", np.zeros((len(audio), reach), np.float32))
    extended = np.concatenate([past, audio], axis=1)
    playback.state["past"] = extended[:, extended.shape[1] - reach :]
    spectra = np.fft.rfft(table, size)
    made = np.empty((len(audio), audio.shape[1]))
    for begin in range(0, audio.shape[1], size - reach):
        block = extended[:, begin : begin + size]
        long = block.shape[1] - reach
        spectrum = np.fft.rfft(block, size)
        time = np.arange(begin, begin + long) + playback.first_sample
        cycles = rate_hz * time / playback.sample_rate + phase_degrees / 360.0
        total = np.zeros((len(audio), long))
        for number in range(count):
            angle = 2.0 * np.pi * ((number + 1) // 2) * cycles
            factor = np.sin(angle) if number and number % 2 == 0 else np.cos(angle)
            filtered = np.fft.irfft(spectrum * spectra[:, number], size)
            total += factor * filtered[:, reach : reach + long]
        made[:, begin : begin + long] = total
    return np.asarray((1.0 - mix) * audio + mix * made, dtype=np.float32)


REALTIME = """
class PeriodicFilter : public Effect<PeriodicFilterKnobs> {
  static constexpr double kSeconds = 0.012;
  std::vector<std::vector<Convolver>> rows;
  std::vector<double> factors;
  Cycles cycles;
  double mix = 1.0;

  void allocate() override {
    const Asset& held = asset("responses");
    const std::size_t taps = static_cast<std::size_t>(std::nearbyint(kSeconds * held.rate));
    const std::size_t length = held.channels[0].size();
    const std::size_t whole = length / taps;
    const std::size_t count = whole < 2 ? 1 : (whole - 1) / 2 * 2 + 1;
    rows.assign(channels, {});
    for (int c = 0; c < channels; ++c)
      for (std::size_t k = 0; k < count; ++k) {
        std::vector<float> part(taps, 0.0f);
        const auto& from = held.channels[c % held.channels.size()];
        const std::size_t first = k * taps;
        for (std::size_t t = 0; t < taps && first + t < length; ++t) part[t] = from[first + t];
        rows[c].emplace_back(resampled(part, held.rate / rate));
      }
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
