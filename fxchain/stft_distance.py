"""Multi-resolution STFT distance in a memory that does not grow with the recordings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

#: Frames that are transformed at a time, of all channels together.
_BLOCK_FRAMES = 2_048


def stft_distance(
    target: Tensor, estimate: Tensor, fft_size: int, hop: int, window_length: int, least: float
) -> float:
    """Spectral convergence plus the mean absolute difference of the logarithms of the magnitudes.

    Args:
        target: (channels, samples), longer than half a transform
        estimate: (channels, samples)
        fft_size: samples
        hop: samples
        window_length: samples, of a Hann window
        least: powers count at least so much

    Source:
        auraloss 0.4, `STFTLoss` with its defaults, its norms and means added up block by block
    """
    window = torch.hann_window(window_length)
    missed = energy = logarithmic = 0.0
    count = 0
    blocks = zip(_blocks(target, fft_size, hop), _blocks(estimate, fft_size, hop), strict=True)
    for wanted, found in blocks:
        first, second = (
            _magnitudes(block, fft_size, hop, window, least) for block in (wanted, found)
        )
        missed += _sum((second - first).square_())
        energy += _sum(first.square())
        count += first.numel()
        logarithmic += _sum(first.log_().sub_(second.log_()).abs_())
    return float(np.sqrt(missed) / np.sqrt(energy)) + logarithmic / count


def _blocks(audio: Tensor, fft_size: int, hop: int) -> Iterator[Tensor]:
    """Yield stretches of (channels, samples), mirrored at both ends, of whole frames each."""
    channels, samples = audio.shape
    frames = 1 + samples // hop
    around = fft_size // 2
    at_a_time = max(1, _BLOCK_FRAMES // channels)
    mirrored = pad(audio[None], (around, around), mode="reflect")[0]
    for start in range(0, frames, at_a_time):
        last = min(start + at_a_time, frames) - 1
        yield mirrored[:, start * hop : last * hop + fft_size]


def _magnitudes(audio: Tensor, fft_size: int, hop: int, window: Tensor, least: float) -> Tensor:
    """Return (channels, bins, frames) of (channels, samples)."""
    spectrum = torch.stft(
        audio, fft_size, hop, len(window), window, center=False, return_complex=True
    )
    return (spectrum.real.square() + spectrum.imag.square()).clamp_(min=least).sqrt_()


def _sum(numbers: Tensor) -> float:
    return float(numbers.sum(dtype=torch.float64))
