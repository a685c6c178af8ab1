"""The reported error measures between a target and an estimate.

All take numpy arrays (channels, samples) of equal shape and return finite numbers, also for
silence: a divisor that is the target's mean power is at least −120 dBFS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxchain.errors import AudioError
from fxchain.metrics.energy import blocks, energy
from fxchain.metrics.loudness import loudness_difference
from fxchain.metrics.stft_distance import stft_distances

Array = NDArray[np.float32]

#: The defaults of auraloss 0.4, written beside every reported value.
MR_STFT_SETTINGS: dict[str, Any] = {
    "fft_sizes": [1024, 2048, 512],
    "hop_sizes": [120, 240, 50],
    "win_lengths": [600, 1200, 240],
    "window": "hann_window",
    "w_sc": 1.0,
    "w_log_mag": 1.0,
    "w_lin_mag": 0.0,
    "w_phs": 0.0,
    "scale": None,
    "perceptual_weighting": False,
    "scale_invariance": False,
    "eps": 1e-8,
    "mag_distance": "L1",
}

_MIN_POWER = 1e-12
_MIN_NULL_DB = -200.0


@dataclass(frozen=True)
class Scores:
    """The error measures of an estimate.

    Attributes:
        esr: error-to-signal ratio, 0 for equal recordings, 1 for a silent estimate
        mr_stft: multi-resolution STFT distance with `MR_STFT_SETTINGS`, 0 for equal recordings
        loudness_error_db: loudness of the estimate minus that of the target, LU
    """

    esr: float
    mr_stft: float
    loudness_error_db: float


def score(target: Array, estimate: Array, sample_rate: float) -> Scores:
    """Return all three measures.

    Args:
        target: (channels, samples)
        estimate: (channels, samples)
        sample_rate: Hz

    Raises:
        AudioError: the shapes differ, or there are no samples
    """
    return scores(target, [estimate], sample_rate)[0]


def scores(target: Array, estimates: Sequence[Array], sample_rate: float) -> list[Scores]:
    """Return all three measures of several estimates; the target's spectra are computed once.

    Args:
        target: (channels, samples)
        estimates: (channels, samples) each
        sample_rate: Hz

    Raises:
        AudioError: the shapes differ, or there are no samples
    """
    distances = _mr_stfts(target, estimates)
    return [
        Scores(
            esr=esr(target, estimate),
            mr_stft=distance,
            loudness_error_db=loudness_error_db(target, estimate, sample_rate),
        )
        for estimate, distance in zip(estimates, distances, strict=True)
    ]


def esr(target: Array, estimate: Array) -> float:
    """Return the error-to-signal ratio over all channels, without pre-emphasis.

    Args:
        target: (channels, samples)
        estimate: (channels, samples)

    Returns:
        Σ(y − ŷ)² / Σy², target y, estimate ŷ

    Raises:
        AudioError: the shapes differ, or there are no samples
    """
    _check(target, estimate)
    squared_error = sum(
        float(np.sum((np.asarray(target[:, block], np.float64) - estimate[:, block]) ** 2))
        for block in blocks(target.shape[1])
    )
    return squared_error / max(energy(target), _MIN_POWER * target.size)


def null_depth_db(reference: Array, other: Array) -> float:
    """Return the level of the difference between two recordings, relative to the first.

    Args:
        reference: (channels, samples)
        other: (channels, samples)

    Returns:
        10·log₁₀(ESR), dB, at least −200 (equal recordings); infinite where a sample is not finite

    Raises:
        AudioError: the shapes differ, or there are no samples
    """
    ratio = esr(reference, other)
    if not math.isfinite(ratio):
        return math.inf
    return max(_MIN_NULL_DB, 10 * float(np.log10(max(ratio, 1e-30))))


def mr_stft(target: Array, estimate: Array, sample_rate: float) -> float:
    """Return the multi-resolution STFT distance over the whole recording.

    Recordings shorter than the longest transform are zero-padded to its length.

    Args:
        target: (channels, samples)
        estimate: (channels, samples)
        sample_rate: Hz; the settings in use do not depend on it

    Raises:
        AudioError: the shapes differ, or there are no samples

    Source:
        R. Yamamoto et al., "Parallel WaveGAN", 2020, section 2.2; as auraloss'
        `MultiResolutionSTFTLoss` with `MR_STFT_SETTINGS` computes it, block by block
    """
    return _mr_stfts(target, [estimate])[0]


def loudness_error_db(target: Array, estimate: Array, sample_rate: float) -> float:
    """Return the loudness of the estimate minus that of the target.

    Args:
        target: (channels, samples)
        estimate: (channels, samples)
        sample_rate: Hz

    Returns:
        LU (dB)

    Raises:
        AudioError: the shapes differ, or there are no samples

    Source:
        ITU-R BS.1770-4; short and silent recordings: see `loudness.loudness_difference`
    """
    _check(target, estimate)
    return loudness_difference(target, estimate, sample_rate)


def _mr_stfts(target: Array, estimates: Sequence[Array]) -> list[float]:
    """Return `mr_stft` of each estimate."""
    for estimate in estimates:
        _check(target, estimate)
    settings = MR_STFT_SETTINGS
    sizes = zip(settings["fft_sizes"], settings["hop_sizes"], settings["win_lengths"], strict=True)
    reference, padded = _zero_padded(target), [_zero_padded(each) for each in estimates]
    with torch.no_grad():
        distances = [
            stft_distances(reference, padded, size, hop, length, settings["eps"])
            for size, hop, length in sizes
        ]
    return [float(mean) for mean in np.mean(distances, axis=0)]


def _zero_padded(audio: Array) -> Tensor:
    """Return (channels, samples) of at least the length of the longest transform.

    A recording that is long enough is not copied.
    """
    missing = max(0, max(MR_STFT_SETTINGS["fft_sizes"]) - audio.shape[1])
    single = np.asarray(audio, np.float32)
    if missing:
        single = np.pad(single, ((0, 0), (0, missing)))
    return torch.from_numpy(single)


def _check(target: Array, estimate: Array) -> None:
    if target.ndim != 2 or target.shape != estimate.shape:
        raise AudioError(
            "target and estimate must both be (channels, samples) of equal shape, "
            f"but are {target.shape} and {estimate.shape}"
        )
    if target.size == 0:
        raise AudioError("target and estimate hold no samples, so there is nothing to compare")
