"""Linear, time-invariant stages in the frequency domain: multiplied, summed, differentiated.

A response is (batch, channels or 1, bins) where channels do not mix, else
(batch, out, in, bins). Filters given by sections are scalar, so they commute with everything;
captured responses are multiplied in their order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Protocol

import numpy as np
import scipy.fft
import torch
from torch import Tensor

from fxchain.primitives.sections import cascade_response, relative_derivative

#: Recursive filters are given this much silence to ring out before the FFT wraps round.
RING_SECONDS = 1.5

#: The complex type of a spectrum, by the precision of the audio.
COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}


def fft_length(samples: int, sample_rate: float, *, long: bool) -> int:
    """Return an FFT length at which a filter's response does not wrap into the signal."""
    ring = round(RING_SECONDS * sample_rate)
    padding = max(samples, ring) if long else ring
    return int(scipy.fft.next_fast_len(samples + padding, real=True))


def compose(first: Tensor, then: Tensor) -> Tensor:
    """Return the response of one filter followed by another."""
    if first.ndim == 3 and then.ndim == 3:
        return first * then
    if first.ndim == 4 and then.ndim == 4:
        return torch.einsum("boif,bijf->bojf", then, first)
    return then * first[:, None] if then.ndim == 4 else then[:, :, None] * first


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


def filter_spectrum(response: Tensor, spectrum: Tensor) -> Tensor:
    """Apply a response to a spectrum (batch, channels, bins)."""
    if response.ndim == 3:
        return response * spectrum
    return torch.einsum("boif,bif->bof", response, spectrum)


class Part(Protocol):
    """A filter that knows its slopes."""

    @property
    def size(self) -> int:
        """Return the number of values it has."""
        ...

    @property
    def long(self) -> bool:
        """Tell whether it may ring for as long as the signal lasts."""
        ...

    @property
    def coefficients(self) -> Tensor | None:
        """Return (batch, sections, 6) where it consists of second-order sections."""
        ...

    def response(self, n_fft: int) -> Tensor:
        """Return its response."""
        ...

    def derivatives(
        self, n_fft: int, active: np.ndarray, total: Tensor, around: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """Return how a series of filters moves along each active value of this one.

        Args:
            n_fft: length of the FFT
            active: (size,)
            total: response of the whole series, batch of one
            around: gives the response of the series with this filter's replaced
        """
        ...


@dataclass(frozen=True, eq=False)
class Sections:
    """A cascade of second-order sections.

    Attributes:
        coefficients: (batch, sections, 6)
        size: number of values
        direction: gives the coefficients' slope along one value, (sections, 6)
        dtype: complex type of the response
    """

    coefficients: Tensor
    size: int
    direction: Callable[[int], Tensor]
    dtype: torch.dtype
    long: bool = False

    def response(self, n_fft: int) -> Tensor:
        """Return (batch, 1, bins)."""
        return cascade_response(self.coefficients, n_fft, self.dtype)[:, None]

    def derivatives(
        self, n_fft: int, active: np.ndarray, total: Tensor, around: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """Return the slopes: the series times d log H, since these filters are scalar."""
        return [total * self._relative(n_fft, int(index)) for index in np.flatnonzero(active)]

    def _relative(self, n_fft: int, index: int) -> Tensor:
        slopes = self.direction(index)
        rows = zip(self.coefficients[0], slopes, strict=True)
        terms = [relative_derivative(row, slope, n_fft) for row, slope in rows]
        return torch.stack(terms).sum(0)


@dataclass(frozen=True, eq=False)
class Kernel:
    """A captured impulse response.

    Attributes:
        size: number of values
        spectrum: gives its response at `n_fft`
        slope: gives, at `n_fft`, how the response moves along one value
    """

    size: int
    spectrum: Callable[[int], Tensor]
    slope: Callable[[int, int], Tensor]
    long: bool = True
    coefficients: Tensor | None = None

    def response(self, n_fft: int) -> Tensor:
        """Return (batch, channels, bins) or (batch, out, in, bins)."""
        return self.spectrum(n_fft)

    def derivatives(
        self, n_fft: int, active: np.ndarray, total: Tensor, around: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """Return the slopes by differences of the impulse response."""
        return [around(self.slope(n_fft, int(index))) for index in np.flatnonzero(active)]


@dataclass(frozen=True, eq=False)
class Linear:
    """Filters in series.

    Attributes:
        parts: the filters in their order
        dtype: complex type of the responses
    """

    parts: tuple[Part, ...]
    dtype: torch.dtype

    @property
    def size(self) -> int:
        """Return the number of values of all parts."""
        return sum(part.size for part in self.parts)

    @property
    def long(self) -> bool:
        """Tell whether one part may ring for as long as the signal lasts."""
        return any(part.long for part in self.parts)

    def response(self, n_fft: int) -> Tensor:
        """Return the product, all sections evaluated in one pass."""
        gathered = [part.coefficients for part in self.parts if part.coefficients is not None]
        factors = [part.response(n_fft) for part in self.parts if part.coefficients is None]
        if gathered:
            batch = max(rows.shape[0] for rows in gathered)
            cascade = torch.cat([rows.expand(batch, -1, -1) for rows in gathered], dim=1)
            factors.insert(0, cascade_response(cascade, n_fft, self.dtype)[:, None])
        return _product(factors)

    def derivatives(self, n_fft: int, active: np.ndarray) -> list[Tensor]:
        """Return how the product moves along each active value, batch of one."""
        total = self.response(n_fft)
        out: list[Tensor] = []
        start = 0
        for position, part in enumerate(self.parts):
            chosen = active[start : start + part.size]
            start += part.size
            if chosen.any():
                around = partial(self._around, n_fft, position)
                out += part.derivatives(n_fft, chosen, total, around)
        return out

    def _around(self, n_fft: int, position: int, replaced: Tensor) -> Tensor:
        before = Linear(self.parts[:position], self.dtype).response(n_fft)
        after = Linear(self.parts[position + 1 :], self.dtype).response(n_fft)
        return _product([before, replaced, after])


@dataclass(frozen=True, eq=False)
class Sum:
    """Filters in parallel; the values are a weight, its branch's values, the next weight …

    Attributes:
        branches: what is summed
        weights: (batch, branches)
    """

    branches: tuple[Linear, ...]
    weights: Tensor
    coefficients: Tensor | None = None

    @property
    def size(self) -> int:
        """Return the number of values, weights included."""
        return len(self.branches) + sum(branch.size for branch in self.branches)

    @property
    def long(self) -> bool:
        """Tell whether one branch may ring for as long as the signal lasts."""
        return any(branch.long for branch in self.branches)

    def response(self, n_fft: int) -> Tensor:
        """Return the weighted sum."""
        responses = [branch.response(n_fft) for branch in self.branches]
        weighted = [_scale(r, self.weights[:, i]) for i, r in enumerate(responses)]
        return reduce(add, weighted)

    def derivatives(
        self, n_fft: int, active: np.ndarray, total: Tensor, around: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """Return how the series moves along each active weight and value."""
        out: list[Tensor] = []
        start = 0
        for index, branch in enumerate(self.branches):
            if active[start]:
                out.append(around(branch.response(n_fft)))
            chosen = active[start + 1 : start + 1 + branch.size]
            start += 1 + branch.size
            slopes = branch.derivatives(n_fft, chosen)
            out += [around(_scale(slope, self.weights[:, index])) for slope in slopes]
        return out


def _scale(response: Tensor, weight: Tensor) -> Tensor:
    return response * weight.to(response.real.dtype).reshape(-1, *[1] * (response.ndim - 1))


def _product(factors: Sequence[Tensor]) -> Tensor:
    identity = torch.ones(1, 1, 1, dtype=torch.complex64)
    return reduce(compose, factors) if factors else identity


def apply_linear(audio: Tensor, sample_rate: float, linear: Linear) -> Tensor:
    """Filter (batch, channels, time) with one pair of FFTs."""
    samples = audio.shape[-1]
    n_fft = fft_length(samples, sample_rate, long=linear.long)
    response = linear.response(n_fft)
    spectrum = torch.fft.rfft(audio, n=n_fft)
    return torch.fft.irfft(filter_spectrum(response, spectrum), n=n_fft)[..., :samples]


def linearize_linear(
    audio: Tensor, tangents: Tensor, sample_rate: float, linear: Linear, active: np.ndarray
) -> tuple[Tensor, Tensor]:
    """Filter (channels, time) and its tangents, and append the filter's own directions."""
    samples = audio.shape[-1]
    n_fft = fft_length(samples, sample_rate, long=linear.long)
    response = linear.response(n_fft)
    spectrum = torch.fft.rfft(audio[None], n=n_fft)
    output = torch.fft.irfft(filter_spectrum(response, spectrum), n=n_fft)[0, :, :samples]
    columns = [tangents]
    for tangent in tangents.split(8):
        moved = filter_spectrum(response, torch.fft.rfft(tangent, n=n_fft))
        columns.append(torch.fft.irfft(moved, n=n_fft)[..., :samples])
    columns = columns[1:] or columns
    for slope in linear.derivatives(n_fft, active):
        columns.append(torch.fft.irfft(filter_spectrum(slope, spectrum), n=n_fft)[..., :samples])
    return output, torch.cat(columns)
