"""A pair of recordings, split into bands once for all that is measured of it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fxchain.evidence.bands import Band, Bands, Vector, bands_of
from fxchain.evidence.regression import Judged, Regressor, blocks, judged_fit

#: Samples of each band at its own rate that a filter looks ahead: what is band-limited has no
#: causal response.
LEAD = 32
#: Length of a block, s; of three, two are fitted and one is judged.
BLOCK_SECONDS = 0.2
#: A filter takes at most this share of a band's samples.
MOST_TAPS_SHARE = 0.125
#: A band with less than this share of the wet's energy counts as unexplained without a fit.
SMALL_SHARE = 1e-10


@dataclass(frozen=True)
class FittedBands:
    """Filters in all bands.

    Attributes:
        error: ESR on the blocks that were not fitted; a band of which the filter leaves more than
            nothing does counts as unexplained
        fit: (samples,), what the filters make of the dry, those of such bands too
    """

    error: float
    fit: Vector


@dataclass(frozen=True, eq=False)
class BandedPair:
    """Dry and wet in bands.

    Attributes:
        dry: (samples,)
        wet: (samples,)
        sample_rate: Hz
        first_valid: index of the first sample at which the wet is known
    """

    dry: Vector
    wet: Vector
    sample_rate: int
    first_valid: int = 0

    @cached_property
    def bands(self) -> Bands:
        """Return the split."""
        return bands_of(len(self.dry), self.sample_rate)

    @cached_property
    def dry_spectrum(self) -> NDArray[np.complex128]:
        """Return the transform of the dry."""
        return self.bands.spectrum(self.dry)

    @cached_property
    def wet_spectrum(self) -> NDArray[np.complex128]:
        """Return the transform of the wet."""
        return self.bands.spectrum(self.wet)

    def fit(self, taps: int, seconds: float = np.inf, echo_samples: int = 0) -> FittedBands:
        """Fit a filter in each band.

        Args:
            taps: most samples at each band's rate that it looks back
            seconds: longest time that it looks back, s
            echo_samples: a delay at which dry and wet come back, or 0
        """
        delayed: list[NDArray[np.complex128]] = []
        if echo_samples:
            delayed = [
                self.bands.spectrum(_delayed(signal, echo_samples))
                for signal in (self.dry, self.wet)
            ]
        error = energy = 0.0
        parts = []
        total = float(np.sum(np.square(self.wet))) + 1e-30
        for band in self.bands.bands:
            wet = self.bands.split(self.wet_spectrum, band)
            scale = self.sample_rate / band.rate
            own = scale * float(np.sum(np.square(wet[: band.count])))
            length = int(min(taps, max(seconds * band.rate, 4.0), MOST_TAPS_SHARE * band.count))
            judged = None
            if own > SMALL_SHARE * total:
                judged = self._judged(band, wet, max(length, 1), delayed, echo_samples)
            if judged is None:
                error, energy = error + own, energy + own
                parts.append(np.zeros(band.length))
                continue
            error += scale * min(judged.error, judged.energy)
            energy += scale * judged.energy
            parts.append(judged.fit)
        return FittedBands(error / max(energy, 1e-30), self.bands.joined(parts))

    def _judged(
        self,
        band: Band,
        wet: Vector,
        taps: int,
        delayed: list[NDArray[np.complex128]],
        echo_samples: int,
    ) -> Judged | None:
        """Return the fit in one band; None where it is too short."""
        lead = min(LEAD, max(taps, 4))
        length = taps + lead
        margin = int(min(band.margin_seconds * band.rate, band.count / 8))
        begin = int(self.first_valid * band.rate / self.sample_rate) + margin + length
        end = band.count - margin - lead
        fitted, judged = blocks(begin, end, max(int(BLOCK_SECONDS * band.rate), 16))
        if not judged or end <= begin:
            return None
        regressors = [Regressor(_ahead(self.bands.split(self.dry_spectrum, band), lead), length)]
        if delayed:
            dry, echoed = (self.bands.split(each, band) for each in delayed)
            regressors += [Regressor(_ahead(dry, lead), length), Regressor(echoed, 1)]
        return judged_fit(wet, regressors, fitted, judged)


def _ahead(signal: Vector, lead: int) -> Vector:
    """Return a signal earlier by `lead` samples; a band's beginning rings into its end."""
    return np.roll(signal, -lead)


def _delayed(signal: Vector, samples: int) -> Vector:
    """Return a signal later by so many samples."""
    return np.concatenate([np.zeros(samples), signal[: len(signal) - samples]])
