"""Frequency responses: multiplied, added, applied.

A response is (batch, channels or 1, bins) where channels do not mix, else
(batch, out, in, bins).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import scipy.fft
import torch
from torch import Tensor

#: The complex type of a spectrum, by the precision of the audio.
COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}


@dataclass(frozen=True)
class Grid:
    """The bins of an FFT, and where they lie.

    Attributes:
        n_fft: length of the FFT whose non-negative bins are meant
        device: where responses at them are kept and multiplied
    """

    n_fft: int
    device: torch.device


def fft_length(samples: int, lengths: int, ring_samples: int) -> int:
    """Return an FFT length at which no response wraps into the signal.

    Args:
        samples: length of the signal
        lengths: how long the response is, in lengths of the signal; 0 counts as 1
        ring_samples: how long it may ring beyond that
    """
    return int(scipy.fft.next_fast_len(samples * (1 + max(lengths, 1)) + ring_samples, real=True))


def compose(first: Tensor, then: Tensor) -> Tensor:
    """Return the response of one filter followed by another."""
    if first.ndim == 3 and then.ndim == 3:
        return first * then
    if first.ndim == 4 and then.ndim == 4:
        return torch.einsum("boif,bijf->bojf", then, first)
    return then * first[:, None] if then.ndim == 4 else then[:, :, None] * first


def product(factors: Sequence[Tensor]) -> Tensor:
    """Return the response of filters in series."""
    return reduce(compose, factors) if factors else torch.ones(1, 1, 1, dtype=torch.complex64)


def add(one: Tensor, other: Tensor) -> Tensor:
    """Return the response of two filters side by side."""
    if one.ndim == other.ndim:
        return one + other
    return _matrix(one, other) + _matrix(other, one)


def _matrix(response: Tensor, like: Tensor) -> Tensor:
    if response.ndim == 4:
        return response
    channels = like.shape[-2]
    return torch.diag_embed(
        response.expand(-1, channels, -1).transpose(1, 2), dim1=1, dim2=2
    )  # (batch, out, in, bins) by way of the bins in the middle


def scale(response: Tensor, weight: Tensor) -> Tensor:
    """Return a response times a weight (batch,)."""
    return response * weight.to(response.device, response.real.dtype).reshape(
        -1, *[1] * (response.ndim - 1)
    )


def filter_spectrum(response: Tensor, spectrum: Tensor) -> Tensor:
    """Apply a response to a spectrum (batch, channels, bins)."""
    if response.ndim == 3:
        return response * spectrum
    return torch.einsum("boif,bif->bof", response, spectrum)


def filter_in_place(response: Tensor, spectrum: Tensor) -> Tensor:
    """Apply a response to a spectrum (batch, channels, bins) that nobody else needs."""
    return spectrum.mul_(response) if response.ndim == 3 else filter_spectrum(response, spectrum)


def pull_spectrum(response: Tensor, spectrum: Tensor) -> Tensor:
    """Apply the adjoint of a response to the spectrum (batch, channels, bins) of a gradient."""
    if response.ndim == 3:
        return response.conj() * spectrum
    return torch.einsum("boif,bof->bif", response.conj(), spectrum)
