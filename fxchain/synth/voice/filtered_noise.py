"""Noise through a filter that changes over time."""

from typing import Any

import numpy as np

from fxchain.synth.voice.low_pass import cutoff_hz, low_pass
from fxchain.synth.voice.oscillator import Voice

#: Frames of the filter are about so long, s.
FRAME_SECONDS = 0.023


#: Noise has a standard deviation of 1 at this sample rate, Hz.
NOISE_SAMPLE_RATE = 44_100.0


def white_noise(seed: int, number: int, length: int, sample_rate: float) -> Any:
    """Return white noise for a note, (length,); its density over frequency is that of any rate."""
    drawn = np.random.default_rng((seed, number)).standard_normal(length)
    return drawn * float(np.sqrt(sample_rate / NOISE_SAMPLE_RATE))


def filtered_noise(
    xp: Any, voice: Voice, noise: Any, gate_seconds: float, hertz: float, sample_rate: float
) -> Any:
    """Return noise through the low-pass of a note.

    Frames of 23 ms under a Hann window, half a frame apart, are multiplied by the magnitude of the
    response at their centre and added up.

    Args:
        xp: numpy or torch
        voice: whose filter it is
        noise: (samples,), numpy
        gate_seconds: when the note is released, s
        hertz: its frequency
        sample_rate: Hz

    Returns:
        (samples,)
    """
    length, samples = 2 ** round(float(np.log2(FRAME_SECONDS * sample_rate))), len(noise)
    hop = length // 2
    count = -(-samples // hop) + 1
    padded = np.pad(noise, (hop, count * hop + hop - samples))
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)
    frames = np.stack([padded[i * hop : i * hop + length] * window for i in range(count)])
    times = xp.asarray(np.arange(count) * hop / sample_rate)
    frequencies = xp.asarray(np.arange(hop + 1) * sample_rate / length)
    cutoff = cutoff_hz(xp, times, gate_seconds, hertz, voice.controls)
    response = low_pass(frequencies[None, :], cutoff[:, None], voice.controls["resonance"])
    transforms = xp.asarray(np.fft.rfft(frames)) * xp.abs(response)
    shaped = xp.fft.irfft(transforms)
    summed = shaped[1:, :hop] + shaped[:-1, hop:]
    return summed.reshape(-1)[:samples]
