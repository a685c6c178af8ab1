"""Descriptors of a recording: levels over time and frequency, without silent frames."""

import math
from copy import copy
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from fxchain.transferring.bands import band_matrix, centres_hz

#: The length of a frame, to the nearest power of two samples, and of a short one for attacks, s.
FRAME_SECONDS, SHORT_SECONDS = 0.046, 0.0115
#: Bands in each octave: of the spectrum, of properties over time.
FINE, COARSE = 3.0, 1.0
#: Frames more than this below the loud ones are silent, dB.
GATE_DB = 40.0
#: The quantile of the frames' levels that the gate is relative to.
_LOUD = 0.95
#: Added to powers before their logarithm, −100 dB.
LEAST_POWER = 1e-10


class Descriptors:
    """A recording's short-time spectra and levels, computed when first used.

    All are differentiable in the samples except `kept`, the choice of frames that are not silent.

    Args:
        audio: (channels, samples)
        sample_rate: Hz
    """

    def __init__(self, audio: Tensor, sample_rate: int) -> None:
        self.audio, self.sample_rate = audio, sample_rate
        self._given_weights: Tensor | None = None
        self.n_fft = _power_of_two(FRAME_SECONDS * sample_rate)
        self.n_fft_short = _power_of_two(SHORT_SECONDS * sample_rate)

    @cached_property
    def spectra(self) -> Tensor:
        """Return the complex spectra, (channels, bins, frames)."""
        return _stft(self.audio, self.n_fft, self.n_fft // 2)

    @cached_property
    def power(self) -> Tensor:
        """Return the power of each bin, the mean over the channels, (bins, frames)."""
        return _squared(self.spectra).mean(0)

    @cached_property
    def levels_db(self) -> Tensor:
        """Return the level of each third of an octave, (bands, kept frames), dB."""
        matrix = band_matrix(self.sample_rate, self.n_fft, FINE)
        return decibels(matrix @ self.power[:, self.kept])

    @cached_property
    def loudness_db(self) -> Tensor:
        """Return the K-weighted level of each frame, (frames,), dB."""
        return decibels(self._loudness_weights @ self.power)

    @cached_property
    def kept(self) -> Tensor:
        """Return which frames are not silent, (frames,) bool."""
        return _audible(self.loudness_db.detach())

    def with_weights(self, weights: Tensor) -> "Descriptors":
        """Return the same recording with other weights of the kept frames.

        Args:
            weights: (kept frames,), above 0
        """
        other = copy(self)
        other._given_weights = weights / weights.sum()
        return other

    @property
    def weights(self) -> Tensor:
        """Return the weights of the frames in means over time, (frames,); they sum to 1."""
        kept = self.kept.to(self.audio.dtype)
        if self._given_weights is None:
            return kept / kept.sum()
        return torch.zeros_like(kept).masked_scatter(self.kept, self._given_weights)

    @cached_property
    def gated_loudness_db(self) -> Tensor:
        """Return the K-weighted level of the kept frames, (kept frames,), dB."""
        return self.loudness_db[self.kept]

    @cached_property
    def short_levels_db(self) -> Tensor:
        """Return the level of each octave in short frames, (bands, short frames), dB.

        Levels are clamped at `GATE_DB` below the loud ones of their band.
        """
        matrix = band_matrix(self.sample_rate, self.n_fft_short, COARSE)
        levels = decibels(matrix @ self._short_power)
        loud = torch.quantile(levels.detach()[:, self._short_kept], _LOUD, dim=1, keepdim=True)
        return torch.maximum(levels, loud - GATE_DB)

    def changes_db(self, seconds: float) -> Tensor:
        """Return the changes of each octave's level over a time, where both ends are not silent.

        Where all events are shorter than that time, one end suffices.

        Args:
            seconds: between the levels that are compared

        Returns:
            (bands, changes), dB
        """
        step = max(1, round(seconds * self.short_rate))
        ends = self._short_kept[step:], self._short_kept[:-step]
        kept = ends[0] & ends[1]
        if not kept.any():
            kept = ends[0] | ends[1]
        return (self.short_levels_db[:, step:] - self.short_levels_db[:, :-step])[:, kept]

    @cached_property
    def _short_power(self) -> Tensor:
        spectra = _stft(self.audio, self.n_fft_short, self.n_fft_short // 2)
        return _squared(spectra).mean(0)

    @cached_property
    def _short_kept(self) -> Tensor:
        """Return which short frames are not silent, (short frames,) bool."""
        return _audible(decibels(self._short_power.detach().sum(0)))

    @property
    def short_rate(self) -> float:
        """Return the number of short frames in a second."""
        return 2.0 * self.sample_rate / self.n_fft_short

    @cached_property
    def _loudness_weights(self) -> Tensor:
        """Return the weight of each bin's power in the loudness, (bins,)."""
        bins_hz = np.fft.rfftfreq(self.n_fft, 1.0 / self.sample_rate)
        weights = 10.0 ** (k_weighting_db(bins_hz) / 10.0)
        return torch.from_numpy((weights * 2.0 / self.n_fft).astype(np.float32))

    @cached_property
    def centres_hz(self) -> np.ndarray:
        """Return the centres of the thirds of an octave, (bands,), Hz."""
        return centres_hz(self.sample_rate, FINE)


def k_weighting_db(frequencies_hz: np.ndarray) -> np.ndarray:
    """Return the K-weighting at frequencies in Hz, dB.

    Source:
        ITU-R BS.1770-4: a shelf of 4 dB above 1.7 kHz and a second-order high-pass at 38 Hz,
        here as analogue magnitudes
    """
    s = 1j * np.maximum(frequencies_hz, 1e-3)
    high, low = 1681.97, 38.135
    gain = 10.0 ** (3.99984 / 20.0)
    shelf = (gain * s**2 + gain**0.4996 * high / 0.70718 * s + high**2) / (
        s**2 + high / 0.70718 * s + high**2
    )
    highpass = s**2 / (s**2 + low / 0.50033 * s + low**2)
    return np.asarray(20.0 * np.log10(np.abs(shelf * highpass) + 1e-12))


def decibels(power: Tensor) -> Tensor:
    """Return 10 · log10(power + 1e-10)."""
    return (10.0 / math.log(10.0)) * torch.log(power + LEAST_POWER)


def quantiles(values: Tensor, probabilities: tuple[float, ...]) -> Tensor:
    """Return quantiles of (..., count) along its last axis, (..., quantiles)."""
    ordered = values.sort(dim=-1).values
    places = torch.tensor(probabilities, dtype=torch.float64) * (ordered.shape[-1] - 1)
    below = places.floor().long().clamp(max=max(ordered.shape[-1] - 2, 0))
    above = (below + 1).clamp(max=ordered.shape[-1] - 1)
    part = (places - below).to(ordered.dtype)
    return ordered[..., below] * (1.0 - part) + ordered[..., above] * part


def _audible(levels_db: Tensor) -> Tensor:
    """Return which of (frames,) levels are at most `GATE_DB` below the loud ones."""
    sounding = levels_db[levels_db > levels_db.max() - 2.0 * GATE_DB]
    return levels_db > torch.quantile(sounding, _LOUD) - GATE_DB


def _stft(audio: Tensor, n_fft: int, hop: int) -> Tensor:
    missing = max(0, 2 * n_fft - audio.shape[-1])
    window = torch.hann_window(n_fft, dtype=audio.dtype)
    window = window / window.square().sum().sqrt()
    return torch.stft(
        pad(audio, (0, missing)), n_fft, hop, window=window, center=False, return_complex=True
    )


def _squared(spectra: Tensor) -> Tensor:
    return spectra.real.square() + spectra.imag.square()


def _power_of_two(samples: float) -> int:
    return int(2 ** round(math.log2(samples)))
