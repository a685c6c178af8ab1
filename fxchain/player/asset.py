"""Data that a stage plays with beside its controls."""

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Asset:
    """Samples that belong to a stage: an impulse response, a wavetable, a curve.

    Two assets are equal when they are the same object; `sha256` compares their content.

    Attributes:
        samples: (channels, samples), float32
        sample_rate: Hz
    """

    samples: np.ndarray
    sample_rate: int

    @property
    def seconds(self) -> float:
        """Return the duration, s."""
        return float(self.samples.shape[-1] / self.sample_rate)

    @property
    def frames(self) -> bytes:
        """Return little-endian float32 frames: the channels of the first sample, the second …"""
        return np.ascontiguousarray(self.samples.T, dtype="<f4").tobytes()

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the frames, in hexadecimal digits."""
        return hashlib.sha256(self.frames).hexdigest()
