"""A fixed filter before the comparison, which raises the weight of quiet bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from fxchain.objectives.long_term_spectrum import raw_spectrum, third_octaves
from fxchain.stage.impulse_response_filter import ImpulseResponseFilter
from fxchain.stage.linear import Linear
from fxchain.stage.spectra import COMPLEX

#: Bands this far below the loudest, as a power ratio, are raised no further.
FLOOR = 1e-5


@dataclass(frozen=True, eq=False)
class Weighting:
    """A zero-phase filter |W(f)| = c·P(f)^(−strength/2), P the power spectrum in third octaves.

    With strength 0 the comparison is the plain waveform error, in which the loudest band decides.
    With strength 1 all bands have the same weight, which removes the local minima that a loud bass
    makes.

    Attributes:
        frequencies_hz: (points,)
        gains: (points,)
        sample_rate: Hz
    """

    frequencies_hz: np.ndarray
    gains: np.ndarray
    sample_rate: float

    def filter(self, dtype: torch.dtype) -> Linear:
        """Return the weighting for audio of a precision, to be joined to a linear run."""
        spectrum = partial(self._spectrum, COMPLEX[dtype])
        return Linear((ImpulseResponseFilter(0, spectrum, _no_slopes),), COMPLEX[dtype])

    def _spectrum(self, dtype: torch.dtype, n_fft: int) -> Tensor:
        bins = np.fft.rfftfreq(n_fft, 1.0 / self.sample_rate)
        gains = np.interp(bins, self.frequencies_hz, self.gains)
        return torch.from_numpy(gains)[None, None].to(dtype)


def _no_slopes(n_fft: int, indices: Sequence[int]) -> list[Tensor]:
    """Return none: a weighting has no values."""
    return []


def make_weighting(wet: np.ndarray, sample_rate: float, strength: float) -> Weighting:
    """Return the weighting for a recording.

    Args:
        wet: (channels, samples)
        sample_rate: Hz
        strength: 0 (none) to 1 (white)
    """
    frequencies, power = raw_spectrum(wet, sample_rate)
    smoothed = third_octaves(frequencies, power)
    gains = (smoothed + FLOOR * smoothed.max() + 1e-30) ** (-strength / 2.0)
    scale = np.sqrt(np.sum(gains**2 * power) / max(np.sum(power), 1e-30))
    return Weighting(frequencies, gains / scale, sample_rate)
