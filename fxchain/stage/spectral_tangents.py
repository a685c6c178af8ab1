"""Tangents through a filter by FFTs."""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from fxchain.stage.spectra import Grid, fft_length, filter_in_place, filter_spectrum

#: Tangents that are transformed at once.
CHUNK = 16


class SpectralFilter(Protocol):
    """A filter with its frequency response and the derivatives of that."""

    @property
    def lengths(self) -> int:
        """Return how long its response is, in lengths of the signal."""
        ...

    @property
    def ring_seconds(self) -> float:
        """Return how long it may ring beyond that, s."""
        ...

    def response(self, grid: Grid) -> Tensor:
        """Return its frequency response; see `spectra`."""
        ...

    def slopes(self, grid: Grid, active: np.ndarray) -> list[Tensor]:
        """Return the derivative of the response for each active value."""
        ...


def spectral_tangents(
    audio: Tensor,
    tangents: Tensor,
    sample_rate: float,
    spectral_filter: SpectralFilter,
    active: np.ndarray,
) -> Tensor:
    """Filter tangents by FFTs, where they lie, and append the filter's own.

    Args:
        audio: (channels, time), what the filter is fed
        tangents: (directions, channels, time), on any device
        sample_rate: Hz
        spectral_filter: the filter
        active: (values,), which of its values are further directions

    Returns:
        (directions + active, channels, time), where the tangents lie
    """
    samples = audio.shape[-1]
    n_fft = fft_length(
        samples, spectral_filter.lengths, round(spectral_filter.ring_seconds * sample_rate)
    )
    grid = Grid(n_fft, tangents.device)
    slopes = spectral_filter.slopes(grid, active)
    moved = tangents.new_empty(len(tangents) + len(slopes), *audio.shape)
    response = spectral_filter.response(grid)
    spectrum = torch.fft.rfft(audio[None].to(tangents.device), n=n_fft)
    for begin in range(0, len(tangents), CHUNK):
        chunk = tangents[begin : begin + CHUNK]
        filtered = filter_in_place(response, torch.fft.rfft(chunk, n=n_fft))
        moved[begin : begin + len(chunk)] = torch.fft.irfft(filtered, n=n_fft)[..., :samples]
    for begin in range(0, len(slopes), CHUNK):
        own = [filter_spectrum(slope, spectrum)[0] for slope in slopes[begin : begin + CHUNK]]
        place = len(tangents) + begin
        played = torch.fft.irfft(torch.stack(own), n=n_fft)[..., :samples]
        moved[place : place + len(own)] = played
    return moved
