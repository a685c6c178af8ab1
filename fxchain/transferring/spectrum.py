"""The tone: the long-term spectrum in thirds of an octave, without its level."""

from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import FINE, Descriptors, decibels
from fxchain.transferring.loss import Loss


def describe(recording: Descriptors) -> Tensor:
    """Return the level of each band relative to their mean, (bands, 1), dB.

    A band's level is that of its mean power over the weighted frames.
    """
    power = recording.power @ recording.weights
    levels = decibels(band_matrix(recording.sample_rate, recording.n_fft, FINE) @ power)
    return (levels - levels.mean())[:, None]


LOSS = Loss(
    "spectrum",
    "tone",
    describe,
    within_scale=1.8,
    between_scale=8.5,
    effective_observations=24.0,
    per_octave=FINE,
    shared=True,
)
