"""How well an estimate matches a target: the figures that are reported.

All take numpy arrays (channels, samples) of equal shape and return finite numbers, also for
silence: where a target's power is divided by, it counts as at least −120 dBFS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fxchain.errors import AudioError
from fxchain.loudness import loudness_difference
from fxchain.stft_distance import stft_distance

Array = NDArray[np.float32]

# The defaults of auraloss 0.4, spelt out, because a value says nothing without them.
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

_LEAST_POWER = 1e-12
_DEEPEST_NULL_DB = -200.0


@dataclass(frozen=True)
class Scores:
    """The three figures of a match.

    Attributes:
        esr: error-to-signal ratio, 0 for equal recordings, 1 for a silent estimate
        mr_stft: multi-resolution STFT distance with `MR_STFT_SETTINGS`, 0 for equal recordings
        loudness_error_db: loudness of the estimate minus that of the target, LU
    """

    esr: float
    mr_stft: float
    loudness_error_db: float


def score(target: Array, estimate: Array, sample_rate: float) -> Scores:
    """All three figures.

    Args:
        target: (channels, samples)
        estimate: (channels, samples)
        sample_rate: Hz

    Raises:
        AudioError: the shapes differ, or there are no samples
    """
    return Scores(
        esr=esr(target, estimate),
        mr_stft=mr_stft(target, estimate, sample_rate),
        loudness_error_db=loudness_error_db(target, estimate, sample_rate),
    )


def esr(target: Array, estimate: Array) -> float:
    """Energy of the error over the energy of the target, all channels together, no pre-emphasis.

    Args:
        target: (channels, samples)
        estimate: (channels, samples)

    Returns:
        Σ(y − ŷ)² / Σy²

    Raises:
        AudioError: the shapes differ, or there are no samples
    """
    _check(target, estimate)
    target64 = np.asarray(target, np.float64)
    energy = max(float(np.sum(target64**2)), _LEAST_POWER * target.size)
    return float(np.sum((target64 - estimate) ** 2)) / energy


def null_depth_db(reference: Array, other: Array) -> float:
    """Level of the difference between two recordings, relative to the first.

    Args:
        reference: (channels, samples)
        other: (channels, samples)

    Returns:
        dB, at least −200 (two equal recordings)

    Raises:
        AudioError: the shapes differ, or there are no samples
    """
    ratio = esr(reference, other)
    return max(_DEEPEST_NULL_DB, 10 * float(np.log10(max(ratio, 1e-30))))


def mr_stft(target: Array, estimate: Array, sample_rate: float) -> float:
    """Multi-resolution STFT distance over the whole recording.

    What is shorter than the longest transform is filled up with silence.

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
    _check(target, estimate)
    missing = max(0, max(MR_STFT_SETTINGS["fft_sizes"]) - target.shape[1])
    first, second = (
        torch.from_numpy(np.pad(np.asarray(audio, np.float32), ((0, 0), (0, missing))))
        for audio in (target, estimate)
    )
    settings = MR_STFT_SETTINGS
    sizes = zip(settings["fft_sizes"], settings["hop_sizes"], settings["win_lengths"], strict=True)
    with torch.no_grad():
        distances = [
            stft_distance(first, second, size, hop, length, settings["eps"])
            for size, hop, length in sizes
        ]
    return float(np.mean(distances))


def loudness_error_db(target: Array, estimate: Array, sample_rate: float) -> float:
    """Loudness of the estimate minus loudness of the target.

    Args:
        target: (channels, samples)
        estimate: (channels, samples)
        sample_rate: Hz

    Returns:
        LU (dB)

    Raises:
        AudioError: the shapes differ, or there are no samples

    Source:
        ITU-R BS.1770-4; for what it cannot measure see `fxchain.loudness.loudness_difference`
    """
    _check(target, estimate)
    return loudness_difference(target, estimate, sample_rate)


def _check(target: Array, estimate: Array) -> None:
    if target.ndim != 2 or target.shape != estimate.shape:
        raise AudioError(
            "target and estimate must both be (channels, samples) of equal shape, "
            f"but are {target.shape} and {estimate.shape}"
        )
    if target.size == 0:
        raise AudioError("target and estimate hold no samples, so there is nothing to compare")
