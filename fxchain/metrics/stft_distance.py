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

#: Frames in a block, of all channels together.
_BLOCK_FRAMES = 2_048


def stft_distances(
    target: Tensor,
    estimates: Sequence[Tensor],
    fft_size: int,
    hop: int,
    window_length: int,
    min_power: float,
) -> list[float]:
    """Return spectral convergence plus log-magnitude distance of each estimate.

    With the magnitudes Y of the target and Ŷ of an estimate: ‖Ŷ − Y‖ / ‖Y‖ + mean |log Ŷ − log Y|,
    both over all channels, bins and frames. The target is transformed once for all estimates.

    Args:
        target: (channels, samples), longer than half a transform
        estimates: (channels, samples) each
        fft_size: samples
        hop: samples
        window_length: samples, of a Hann window
        min_power: lower bound of |Y|² and |Ŷ|²

    Returns:
        a distance for each estimate

    Source:
        auraloss 0.4, `STFTLoss` with its defaults, its norms and means added up block by block
    """
    window = torch.hann_window(window_length)
    sums = [_Sums() for _ in estimates]
    energy, count = 0.0, 0
    for start, end in _spans(target, fft_size, hop):
        reference = _magnitudes(target, start, end, fft_size, hop, window, min_power)
        log_reference = reference.log()
        energy += _sum(reference.square())
        count += reference.numel()
        for sum_, estimate in zip(sums, estimates, strict=True):
            magnitude = _magnitudes(estimate, start, end, fft_size, hop, window, min_power)
            sum_.squared_error += _sum((magnitude - reference).square_())
            sum_.logarithmic += _sum(magnitude.log_().sub_(log_reference).abs_())
    return [float(np.sqrt(s.squared_error) / np.sqrt(energy)) + s.logarithmic / count for s in sums]


@dataclass
class _Sums:
    """Sums over the frames of one estimate."""

    squared_error: float = 0.0
    logarithmic: float = 0.0


def _spans(audio: Tensor, fft_size: int, hop: int) -> Iterator[tuple[int, int]]:
    """Yield first sample and end of each block of frames; frame n is centred on sample n·hop."""
    channels, samples = audio.shape
    frames = 1 + samples // hop
    frames_per_block = max(1, _BLOCK_FRAMES // channels)
    for first in range(0, frames, frames_per_block):
        last = min(first + frames_per_block, frames) - 1
        yield first * hop - fft_size // 2, last * hop + fft_size - fft_size // 2


def _reflect_padded(audio: Tensor, start: int, end: int) -> Tensor:
    """Return samples start to end of (channels, samples), reflected beyond either end."""
    samples = audio.shape[1]
    before, after = max(0, -start), max(0, end - samples)
    if not before and not after:
        return audio[:, start:end]
    first, last = max(0, start - after), min(samples, end + before)
    around = pad(audio[None, :, first:last], (before, after), mode="reflect")[0]
    begin = start - (first - before)
    return around[:, begin : begin + end - start]


def _magnitudes(
    audio: Tensor, start: int, end: int, fft_size: int, hop: int, window: Tensor, min_power: float
) -> Tensor:
    """Return the magnitudes (channels, bins, frames) of samples start to end."""
    spectrum = torch.stft(
        _reflect_padded(audio, start, end),
        fft_size,
        hop,
        len(window),
        window,
        center=False,
        return_complex=True,
    )
    return (spectrum.real.square() + spectrum.imag.square()).clamp_(min=min_power).sqrt_()


def _sum(numbers: Tensor) -> float:
    return float(numbers.sum(dtype=torch.float64))
