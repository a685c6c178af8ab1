"""STFT distance of one resolution, in blocks of frames.

auraloss 0.4 defines the distance but does not compute it here: its sums are in float32 (relative
error above 1e-5 from 10 s on, 1e-4 at a minute), it holds all frames of a recording at once, and it
transforms the target, phases included, again for every estimate. `tests/metrics/test_scores.py`
holds both to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

#: Frames that are transformed at a time, of all channels together.
_BLOCK_FRAMES = 2_048


def stft_distances(
    target: Tensor,
    estimates: Sequence[Tensor],
    fft_size: int,
    hop: int,
    window_length: int,
    least: float,
) -> list[float]:
    """Spectral convergence plus the mean absolute difference of the logarithms of the magnitudes.

    The target is transformed once for all estimates.

    Args:
        target: (channels, samples), longer than half a transform
        estimates: (channels, samples) each
        fft_size: samples
        hop: samples
        window_length: samples, of a Hann window
        least: powers count at least so much

    Returns:
        a distance for each estimate

    Source:
        auraloss 0.4, `STFTLoss` with its defaults, its norms and means added up block by block
    """
    window = torch.hann_window(window_length)
    sums = [_Sums() for _ in estimates]
    energy, count = 0.0, 0
    for start, end in _spans(target, fft_size, hop):
        wanted = _magnitudes(target, start, end, fft_size, hop, window, least)
        logarithm = wanted.log()
        energy += _sum(wanted.square())
        count += wanted.numel()
        for sum_, estimate in zip(sums, estimates, strict=True):
            found = _magnitudes(estimate, start, end, fft_size, hop, window, least)
            sum_.missed += _sum((found - wanted).square_())
            sum_.logarithmic += _sum(found.log_().sub_(logarithm).abs_())
    return [float(np.sqrt(s.missed) / np.sqrt(energy)) + s.logarithmic / count for s in sums]


@dataclass
class _Sums:
    """What is added up for one estimate."""

    missed: float = 0.0
    logarithmic: float = 0.0


def _spans(audio: Tensor, fft_size: int, hop: int) -> Iterator[tuple[int, int]]:
    """Yield first sample and end of stretches of whole frames; frames are centred on their time."""
    channels, samples = audio.shape
    frames = 1 + samples // hop
    at_a_time = max(1, _BLOCK_FRAMES // channels)
    for first in range(0, frames, at_a_time):
        last = min(first + at_a_time, frames) - 1
        yield first * hop - fft_size // 2, last * hop + fft_size - fft_size // 2


def _mirrored(audio: Tensor, start: int, end: int) -> Tensor:
    """Return a stretch of (channels, samples), mirrored where it goes beyond either end."""
    samples = audio.shape[1]
    before, after = max(0, -start), max(0, end - samples)
    if not before and not after:
        return audio[:, start:end]
    first, last = max(0, start - after), min(samples, end + before)
    around = pad(audio[None, :, first:last], (before, after), mode="reflect")[0]
    begin = start - (first - before)
    return around[:, begin : begin + end - start]


def _magnitudes(
    audio: Tensor, start: int, end: int, fft_size: int, hop: int, window: Tensor, least: float
) -> Tensor:
    """Return (channels, bins, frames) of a stretch of (channels, samples)."""
    spectrum = torch.stft(
        _mirrored(audio, start, end),
        fft_size,
        hop,
        len(window),
        window,
        center=False,
        return_complex=True,
    )
    return (spectrum.real.square() + spectrum.imag.square()).clamp_(min=least).sqrt_()


def _sum(numbers: Tensor) -> float:
    return float(numbers.sum(dtype=torch.float64))
