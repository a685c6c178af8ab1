"""The tone: the long-term spectrum in thirds of an octave, whatever the level."""

from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import FINE, Descriptors, decibels
from fxchain.transferring.loss import Loss


def describe(heard: Descriptors) -> Tensor:
    """Return the level of each band relative to their mean, (bands, 1), dB.

    A band's level is that of its mean power over time, in which loud moments weigh most; length,
    tempo and order do not matter. Frames count as much as the hearing says.
    """
    power = heard.power @ heard.weights
    levels = decibels(band_matrix(heard.sample_rate, heard.n_fft, FINE) @ power)
    return (levels - levels.mean())[:, None]


LOSS = Loss(
    "spectrum",
    "tone",
    describe,
    within_scale=1.8,
    between_scale=8.5,
    counts=24.0,
    per_octave=FINE,
    shared=True,
)
