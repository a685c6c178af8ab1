"""The spectrum of a voice over the harmonics of half the pitch, at control rate."""

from typing import Any

from fxchain.synth.voice.low_pass import cutoff_hz, low_pass
from fxchain.synth.voice.oscillator import Voice

#: Harmonics fade out between these shares of the sample rate.
FADE_BEGIN, FADE_END = 0.40, 0.45


def harmonics_of_half(hertz: float, sample_rate: float) -> int:
    """Return how many harmonics of half a pitch lie below 0.45 of the sample rate, at least two."""
    return max(int(FADE_END * sample_rate / (0.5 * hertz)), 2)


def harmonic_fade(xp: Any, count: int, hertz: float, sample_rate: float) -> Any:
    """Return the factors (count,) with which the harmonics of half a pitch fade out."""
    share = 0.5 * hertz * xp.arange(1, count + 1, dtype=xp.float64) / sample_rate
    return xp.clip((FADE_END - share) / (FADE_END - FADE_BEGIN), 0.0, 1.0)


def placed(xp: Any, oscillator: Any, count: int) -> Any:
    """Return the coefficients of a source at its weight: (count,) complex.

    Entry k − 1 belongs to k times half the pitch; a source of octave o has harmonic n at
    k = 2 · 2^o · n.

    Args:
        xp: numpy or torch
        oscillator: the source; noise has no coefficients
        count: number of harmonics of half the pitch
    """
    found = xp.zeros(count, dtype=xp.complex128)
    stride = 2 * 2**oscillator.octave if oscillator.octave >= 0 else 1
    if oscillator.coefficients is None or count < stride:
        return found
    numbers = xp.arange(1, count // stride + 1, dtype=xp.float64)
    own = oscillator.coefficients(xp, numbers, **oscillator.values)
    found[stride - 1 :: stride] = oscillator.weight * own
    return found


def source_sum(xp: Any, voice: Voice, count: int) -> Any:
    """Return the sum of the sources before the filter: (count,) complex coefficients.

    Args:
        xp: numpy or torch
        voice: its sources
        count: number of harmonics of half the pitch
    """
    total = xp.zeros(count, dtype=xp.complex128)
    for each in voice.oscillators:
        total = total + placed(xp, each, count)
    return total


def spectra(
    xp: Any, voice: Voice, times: Any, gate_seconds: float, hertz: float, sample_rate: float
) -> Any:
    """Return the spectrum of a note at moments, without its amplitude envelope.

    Args:
        xp: numpy or torch
        voice: what plays it
        times: (times,) since its beginning, s
        gate_seconds: when it is released, s
        hertz: its frequency
        sample_rate: Hz; nothing lies above 0.45 of it

    Returns:
        (times, harmonics of half the pitch), complex; as many as lie below 0.45 of the sample rate
    """
    count = harmonics_of_half(hertz, sample_rate)
    frequencies = 0.5 * hertz * xp.arange(1, count + 1, dtype=xp.float64)
    cutoff = cutoff_hz(xp, times, gate_seconds, hertz, voice.controls)
    response = low_pass(frequencies[None, :], cutoff[:, None], voice.controls["resonance"])
    fade = harmonic_fade(xp, count, hertz, sample_rate)
    return (source_sum(xp, voice, count) * fade)[None, :] * response
