"""A filter given by its frequency response."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxchain.stage.captured_plugins import CapturedPlugins
from fxchain.stage.spectra import Grid, compose, fft_length, filter_spectrum, pull_spectrum
from fxchain.stage.spectral_tangents import spectral_tangents


@dataclass(frozen=True, eq=False)
class ImpulseResponseFilter:
    """A response in the frequency domain, and the plugins it was captured from.

    Attributes:
        size: number of values
        spectrum: gives its response at `n_fft`
        slopes_by: gives, at `n_fft`, the derivatives of the response by some values
        plugins: play float32 audio; it is convolved when there are none
        lengths: how long the response is, in lengths of the signal; 0 for a short one
    """

    size: int
    spectrum: Callable[[int], Tensor]
    slopes_by: Callable[[int, Sequence[int]], list[Tensor]]
    plugins: CapturedPlugins | None = None
    lengths: int = 0
    captured: bool = True
    ring_seconds: float = 0.0
    cascade: None = None

    @property
    def kernel(self) -> ImpulseResponseFilter:
        """Return this."""
        return self

    def followed_by(self, other: ImpulseResponseFilter) -> ImpulseResponseFilter:
        """Return both in series."""
        if self.plugins is not None and other.plugins is not None:
            return of_captured_plugins(self.plugins.followed_by(other.plugins))

        def spectrum(n_fft: int) -> Tensor:
            return compose(self.spectrum(n_fft), other.spectrum(n_fft))

        def slopes_by(n_fft: int, indices: Sequence[int]) -> list[Tensor]:
            own = [index for index in indices if index < self.size]
            others = [index - self.size for index in indices if index >= self.size]
            return [
                *(compose(s, other.spectrum(n_fft)) for s in self.slopes_by(n_fft, own)),
                *(compose(self.spectrum(n_fft), s) for s in other.slopes_by(n_fft, others)),
            ]

        lengths = self.lengths + other.lengths
        return ImpulseResponseFilter(self.size + other.size, spectrum, slopes_by, lengths=lengths)

    def response(self, grid: Grid) -> Tensor:
        """Return (batch, channels, bins) or (batch, out, in, bins)."""
        return self.spectrum(grid.n_fft).to(grid.device)

    def slopes(
        self,
        grid: Grid,
        active: np.ndarray,
        around: Callable[[Tensor], Tensor] = lambda response: response,
    ) -> list[Tensor]:
        """Return the derivatives by the active values."""
        found = self.slopes_by(grid.n_fft, np.flatnonzero(active).tolist())
        return [around(each.to(grid.device)) for each in found]

    def play(self, audio: Tensor, sample_rate: float) -> Tensor:
        """Filter (batch, channels, time): by the plugins forwards, by FFTs backwards."""
        samples = audio.shape[-1]
        n_fft = fft_length(samples, self.lengths, 0)
        if self.plugins is not None and audio.dtype == torch.float32:
            spectrum = partial(self.spectrum, n_fft)
            played: Tensor = _Played.apply(audio, self.plugins, spectrum, n_fft)
            return played
        filtered = filter_spectrum(self.spectrum(n_fft), torch.fft.rfft(audio, n=n_fft))
        return torch.fft.irfft(filtered, n=n_fft)[..., :samples]

    def linearize(
        self, audio: Tensor, tangents: Tensor, sample_rate: float, active: np.ndarray
    ) -> tuple[Tensor, Tensor]:
        """Filter (channels, time) and its tangents, and append its own."""
        moved = spectral_tangents(audio, tangents, sample_rate, self, active)
        return self.play(audio[None], sample_rate)[0], moved


def of_captured_plugins(plugins: CapturedPlugins) -> ImpulseResponseFilter:
    """Return captured plugins in series as a filter."""
    size = plugins.values.shape[1]
    return ImpulseResponseFilter(size, plugins.spectrum, plugins.slopes, plugins, lengths=1)


class _Played(torch.autograd.Function):
    """Played by pedalboard; the gradient is that of the convolution."""

    @staticmethod
    def forward(
        ctx: Any,
        audio: Tensor,
        plugins: CapturedPlugins,
        spectrum: Callable[[], Tensor],
        n_fft: int,
    ) -> Tensor:
        ctx.spectrum, ctx.n_fft, ctx.shape = spectrum, n_fft, audio.shape
        return plugins.play(audio)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        transformed = torch.fft.rfft(gradients[0], n=ctx.n_fft)
        pulled = torch.fft.irfft(pull_spectrum(ctx.spectrum(), transformed), n=ctx.n_fft)
        return pulled[..., : ctx.shape[-1]].sum_to_size(ctx.shape), None, None, None
