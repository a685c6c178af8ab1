"""The spectrum of a voice over the harmonics of half the pitch, at control rate."""

from typing import Any

from fxchain.synth.voice.low_pass import cutoff_hz, low_pass
from fxchain.synth.voice.oscillator import Voice

#: Harmonics fade out between these shares of the sample rate.
FADE_BEGIN, FADE_END = 0.40, 0.45


def source_sum(xp: Any, voice: Voice, count: int) -> Any:
    """Return the sum of the sources before the filter: (count,) complex coefficients.

    Entry k − 1 belongs to k times half the pitch; a source of octave o has harmonic n at
    k = 2 · 2^o · n.

    Args:
        xp: numpy or torch
        voice: its sources
        count: number of harmonics of half the pitch
    """
    total = xp.zeros(count, dtype=xp.complex128)
    for each in voice.oscillators:
        stride = 2 * 2**each.octave if each.octave >= 0 else 1
        if each.coefficients is None or count < stride:
            continue
        numbers = xp.arange(1, count // stride + 1, dtype=xp.float64)
        placed = xp.zeros(count, dtype=xp.complex128)
        placed[stride - 1 :: stride] = each.weight * each.coefficients(xp, numbers, **each.values)
        total = total + placed
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
    count = max(int(FADE_END * sample_rate / (0.5 * hertz)), 2)
    frequencies = 0.5 * hertz * xp.arange(1, count + 1, dtype=xp.float64)
    share = frequencies / sample_rate
    fade = xp.clip((FADE_END - share) / (FADE_END - FADE_BEGIN), 0.0, 1.0)
    cutoff = cutoff_hz(xp, times, gate_seconds, hertz, voice.controls)
    response = low_pass(frequencies[None, :], cutoff[:, None], voice.controls["resonance"])
    return (source_sum(xp, voice, count) * fade)[None, :] * response
