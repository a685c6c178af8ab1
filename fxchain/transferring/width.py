"""The stereo image: how wide each band is, and where it stands."""

from torch import Tensor

from fxchain.transferring.bands import band_matrix
from fxchain.transferring.descriptors import COARSE, Descriptors, decibels
from fxchain.transferring.loss import Loss

#: A side signal this far below the middle is no width any more, dB.
NARROWEST_DB = -40.0


def width(heard: Descriptors) -> Tensor:
    """Return the level of each octave's side signal against its middle, (bands, 1), dB.

    Of mono nothing: (0, 1).
    """
    if heard.audio.shape[0] < 2:
        return heard.audio.new_zeros(0, 1)
    left, right = heard.spectra[:, :, heard.kept]
    middle, side = (left + right) / 2.0, (left - right) / 2.0
    floor = 10.0 ** (NARROWEST_DB / 10.0)
    powers = [_band_power(heard, each) for each in (middle, side)]
    return (decibels(powers[1] + floor * powers[0]) - decibels(powers[0]))[:, None]


def balance(heard: Descriptors) -> Tensor:
    """Return the level of each octave on the left against the right, (bands, 1), dB.

    Of mono nothing: (0, 1).
    """
    if heard.audio.shape[0] < 2:
        return heard.audio.new_zeros(0, 1)
    left, right = (_band_power(heard, each) for each in heard.spectra[:, :, heard.kept])
    return (decibels(left) - decibels(right))[:, None]


def _band_power(heard: Descriptors, spectrum: Tensor) -> Tensor:
    """Return the mean power in each octave of (bins, frames), (bands,)."""
    matrix = band_matrix(heard.sample_rate, heard.n_fft, COARSE)
    return matrix @ (spectrum.real.square() + spectrum.imag.square()).mean(-1)


WIDTH = Loss(
    "width", "width", width, within_scale=2.0, between_scale=6.0, counts=3.0, per_octave=COARSE
)
BALANCE = Loss(
    "balance", "width", balance, within_scale=1.0, between_scale=3.0, counts=2.0, per_octave=COARSE
)
