"""A burst of noise in a band."""

from typing import Any

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.synth.drum.sources.base import DrumSource
from fxchain.synth.voice.filtered_noise import NOISE_SAMPLE_RATE


def noise_burst(
    xp: Any,
    hit: Any,
    centre_frequency_hz: Any,
    bandwidth: Any,
    decay_ms: Any,
) -> Any:
    """Return band-passed noise that decays exponentially, of standard deviation 1 at 44.1 kHz.

    Its density over frequency is that at any sample rate.

    Args:
        xp: numpy or torch
        hit: see `Sound`
        centre_frequency_hz: of the band
        bandwidth: 1/Q
        decay_ms: time constant of the level

    Source:
        magnitude of the analog band-pass of second order, 1/√(1 + ((x − 1/x)/bandwidth)²) with
        x = f/centre, applied to the transform of the whole burst
    """
    length = int(2 ** np.ceil(np.log2(len(hit.noise) + 256)))
    own, reference = length // 2, round(0.5 * length * NOISE_SAMPLE_RATE / hit.sample_rate)
    frequencies = np.arange(1, max(own, reference) + 1) * (hit.sample_rate / length)
    ratio = xp.asarray(frequencies) / centre_frequency_hz
    away = (ratio - 1.0 / ratio) / bandwidth
    response = (1.0 + away * away) ** -0.5
    power = (response[:reference] * response[:reference]).mean() + 1e-12
    response = response[:own] * (hit.sample_rate / NOISE_SAMPLE_RATE / power) ** 0.5
    transform = xp.zeros(own + 1, dtype=xp.complex128)
    transform[1:] = xp.asarray(np.fft.rfft(hit.noise, length)[1:]) * response
    shaped = xp.fft.irfft(transform)[: len(hit.noise)]
    return shaped * xp.exp(-hit.times / (1e-3 * decay_ms))


# in frames one after the other: bands and level are the same, the draw is another
_REALTIME = """
  VoiceNoise noise_;
  int place_ = -1;
  double level_ = 1.0;

  void allocate(const DrumWork& work) override { noise_.allocate(work.noise.hop); }

  void start(std::uint64_t seed) override {
    noise_.begin(seed);
    place_ = -1;
    level_ = 1.0;
  }

  void play(const double* values, double weight, double* sum, int count, DrumWork& work) override {
    const NoiseBurstKnobs knobs(values);
    const double fall = exp(-1e3 / (work.rate * knobs.decay_ms));
    for (int t = 0; t < count; ++t) {
      if (place_ < 0) draw(knobs, work);
      if (place_ < 0 || place_ == work.noise.hop) {
        draw(knobs, work);
        place_ = 0;
      }
      sum[t] += weight * level_ * noise_.at(place_++);
      level_ *= fall;
    }
  }

  void draw(const NoiseBurstKnobs& knobs, DrumWork& work) {
    const double step = work.rate / (2 * work.noise.hop) / knobs.centre_frequency_hz;
    const auto power = [&](int bin) {
      const double x = bin * step, away = (x - 1.0 / x) / knobs.bandwidth;
      return bin == 0 ? 0.0 : 1.0 / (1.0 + away * away);
    };
    const int reference = static_cast<int>(std::lround(work.noise.hop * kNoiseRate / work.rate));
    double mean = 0.0;
    for (int bin = 1; bin <= reference; ++bin) mean += power(bin);
    mean = (mean / reference + 1e-12) * kNoiseRate / work.rate;
    noise_.next(work.noise, [&](int bin) { return std::sqrt(power(bin) / mean); });
  }
"""

SOURCE = DrumSource(
    "noise_burst",
    "Burst of noise",
    noise_burst,
    (
        ParameterSpec("centre_frequency_hz", "Hz", 100.0, 16_000.0, 3_000.0, "log"),
        ParameterSpec("bandwidth", "", 0.1, 8.0, 1.5, "log"),
        ParameterSpec("decay_ms", "ms", 2.0, 1_500.0, 100.0, "log"),
    ),
    noisy=True,
    realtime=_REALTIME,
)
