"""The stereo image: width and balance of each octave."""

from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import COARSE, Descriptors, decibels
from fxchain.transferring.loss import Loss

#: The lowest ratio of side to mid that is distinguished, dB.
NARROWEST_DB = -40.0


def width(recording: Descriptors) -> Tensor:
    """Return the ratio of side to mid in each octave, (bands, 1), dB; (0, 1) for mono."""
    if recording.audio.shape[0] < 2:
        return recording.audio.new_zeros(0, 1)
    left, right = recording.spectra[:, :, recording.kept]
    mid, side = (left + right) / 2.0, (left - right) / 2.0
    floor = 10.0 ** (NARROWEST_DB / 10.0)
    powers = [_band_power(recording, each) for each in (mid, side)]
    return (decibels(powers[1] + floor * powers[0]) - decibels(powers[0]))[:, None]


def balance(recording: Descriptors) -> Tensor:
    """Return the ratio of left to right in each octave, (bands, 1), dB; (0, 1) for mono."""
    if recording.audio.shape[0] < 2:
        return recording.audio.new_zeros(0, 1)
    left, right = (_band_power(recording, each) for each in recording.spectra[:, :, recording.kept])
    return (decibels(left) - decibels(right))[:, None]


def _band_power(recording: Descriptors, spectrum: Tensor) -> Tensor:
    """Return the mean power in each octave of (bins, frames), (bands,)."""
    matrix = band_matrix(recording.sample_rate, recording.n_fft, COARSE)
    return matrix @ (spectrum.real.square() + spectrum.imag.square()).mean(-1)


WIDTH = Loss(
    "width",
    "width",
    width,
    within_scale=2.0,
    between_scale=6.0,
    effective_observations=3.0,
    per_octave=COARSE,
)
BALANCE = Loss(
    "balance",
    "width",
    balance,
    within_scale=1.0,
    between_scale=3.0,
    effective_observations=2.0,
    per_octave=COARSE,
)
