"""Recordings and hidden impulse responses, for tests of measured responses."""

import numpy as np
from scipy.signal import fftconvolve

from tests.known_pair import RATE


def decaying(taps: int, seed: int = 0, channels: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((channels, taps))
    return noise * np.geomspace(1.0, 1e-3, taps)


def noise(seconds: float, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(7)
    return (0.1 * rng.standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def filtered(dry: np.ndarray, taps: np.ndarray) -> np.ndarray:
    return fftconvolve(dry, taps, axes=-1)[:, : dry.shape[-1]].astype(np.float32)
