"""A spectral loss with a gradient: multi-resolution STFT distance of each item of a batch.

The reported MR-STFT (`fxchain.metrics.scores.mr_stft`) has auraloss' definition. This one differs
where an optimizer needs it: norms are taken per item, so that one item of a population does not
change the loss of another, the floor under the magnitudes follows the level of the target, and
values and gradients are finite at silence.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

FFT_SIZES = (512, 1024, 2048)
HOPS = (128, 256, 512)

# Added to magnitudes: relative to the target's mean one (root of the mean power), so that a quiet
# recording is fitted like a loud one. And the power of a target that counts at least.
_RELATIVE_FLOOR = 3e-4
_LEAST_POWER = 1e-12


class SpectralLoss:
    """Multi-resolution STFT distance to one target, whose spectra are computed once.

    For each resolution, spectral convergence (the norm of the difference of the magnitudes over
    the norm of the target's) plus the mean absolute difference of the logarithms of the
    magnitudes; the mean over the resolutions. The norms are taken per item.

    Args:
        target: (batch or 1, channels, time)
        fft_sizes: samples; the Hann window is as long
        hops: samples, one for each size

    Source:
        R. Yamamoto et al., "Parallel WaveGAN", 2020, section 2.2; the floor under the magnitudes
        follows the level of the target here, and norms are per item
    """

    def __init__(
        self,
        target: Tensor,
        fft_sizes: Sequence[int] = FFT_SIZES,
        hops: Sequence[int] = HOPS,
    ) -> None:
        self._resolutions = [
            _Resolution(target, size, hop) for size, hop in zip(fft_sizes, hops, strict=True)
        ]

    def __call__(self, estimate: Tensor) -> Tensor:
        """Compare.

        Args:
            estimate: (batch, channels, time)

        Returns:
            (batch,)
        """
        distances = [resolution.distance(estimate) for resolution in self._resolutions]
        return torch.stack(distances).mean(0)


class _Resolution:
    """One window length, with all of the target that can be computed beforehand.

    Args:
        target: (batch or 1, channels, time)
        size: samples
        hop: samples
    """

    def __init__(self, target: Tensor, size: int, hop: int) -> None:
        self._size, self._hop = size, hop
        self._window = torch.hann_window(size, dtype=target.dtype, device=target.device)
        magnitude = self._magnitudes(target)
        mean_power = magnitude.square().mean((1, 2, 3), keepdim=True)
        self._floor = _RELATIVE_FLOOR * mean_power.clamp_min(_LEAST_POWER * size).sqrt()
        self._target = magnitude + self._floor
        self._log_target = self._target.log()
        self._norm = self._target.square().sum((1, 2, 3)).sqrt()

    def distance(self, estimate: Tensor) -> Tensor:
        """Spectral convergence and logarithmic distance, (batch, channels, time) -> (batch,)."""
        magnitude = self._magnitudes(estimate) + self._floor
        difference = (magnitude - self._target).square().sum((1, 2, 3))
        logarithmic = (magnitude.log() - self._log_target).abs().mean((1, 2, 3))
        return _root(difference) / self._norm + logarithmic

    def _magnitudes(self, audio: Tensor) -> Tensor:
        """(batch, channels, time) -> (batch, channels, bins, frames), with silence around.

        Not the root of a sum of squares: the absolute value of a complex number has a gradient of
        0 at 0, needs no floor under the root, and is faster.
        """
        around = (self._size // 2, self._size // 2 + self._hop)
        spectrum = torch.stft(
            pad(audio.flatten(0, 1), around),
            self._size,
            self._hop,
            window=self._window,
            center=False,
            return_complex=True,
        )
        return spectrum.abs().unflatten(0, audio.shape[:2])


def _root(square: Tensor) -> Tensor:
    """Square root whose gradient at 0 is 0 instead of infinite."""
    positive = square > 0
    return torch.where(positive, torch.where(positive, square, 1).sqrt(), 0)
