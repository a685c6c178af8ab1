"""Levels of audio in decibels."""

import numpy as np


def peak_decibels(audio: np.ndarray) -> float:
    """Return the level of the largest sample, dB; -120 at the least."""
    return float(20.0 * np.log10(max(float(np.abs(audio).max(initial=0.0)), 1e-6)))
