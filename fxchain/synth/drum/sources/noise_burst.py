"""A burst of noise in a band."""

from typing import Any

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.synth.drum.sources.base import DrumSource


def noise_burst(
    xp: Any,
    hit: Any,
    centre_frequency_hz: Any,
    bandwidth: Any,
    decay_ms: Any,
) -> Any:
    """Return band-passed noise of standard deviation 1 that decays exponentially.

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
    frequencies = xp.asarray(np.fft.rfftfreq(length, 1.0 / hit.sample_rate)[1:])
    ratio = frequencies / centre_frequency_hz
    away = (ratio - 1.0 / ratio) / bandwidth
    response = (1.0 + away * away) ** -0.5
    response = response / ((response * response).mean() + 1e-12) ** 0.5
    transform = xp.zeros(len(frequencies) + 1, dtype=xp.complex128)
    transform[1:] = xp.asarray(np.fft.rfft(hit.noise, length)[1:]) * response
    shaped = xp.fft.irfft(transform)[: len(hit.noise)]
    return shaped * xp.exp(-hit.times / (1e-3 * decay_ms))


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
)
