"""Recordings of a short sweep signal behind known devices."""

from functools import cache

import numpy as np

from fxchain.files.audio_input import Audio
from fxchain.measuring.sweep import SweepSignal

RATE, SECONDS = 44_100, 2
LATE = 700


@cache
def played(sample_rate=RATE, seconds=SECONDS):
    """Return the signal, (samples,) float64."""
    return SweepSignal(sample_rate, seconds).samples()[0].astype(np.float64)


def audio(samples, sample_rate=RATE):
    """Return (samples,) as a recording."""
    return Audio(np.atleast_2d(samples).astype(np.float32), sample_rate, "rec.wav")


def recorded(samples, noise=3e-5, seed=0):
    """Return what a recorder hears of (samples,): it began earlier and ends later."""
    late = np.pad(samples, (LATE, 20_000))
    return late + noise * np.random.default_rng(seed).standard_normal(len(late))
