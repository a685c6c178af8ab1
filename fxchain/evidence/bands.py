"""Signals split into bands of two octaves, each at a sample rate of its own."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Vector = NDArray[np.float64]

#: Each band ends at this multiple of the one below.
STEP = 4.0
#: The top of the lowest band is above this, Hz.
LOWEST_TOP_HZ = 60.0
#: Neighbouring bands overlap over this ratio of frequencies.
OVERLAP = 2.0
#: Silence added behind a signal before it is transformed, s.
PADDING_SECONDS = 2.2
#: The filters of the bands have decayed after this many periods of the band's lower edge.
SETTLED_PERIODS = 12.0


@dataclass(frozen=True)
class Band:
    """One band of a signal of a certain length.

    Attributes:
        rate: its sample rate, Hz
        count: samples at that rate that lie inside the signal
        margin_seconds: how long its filter takes to decay
        weights: (bins,) of the signal's spectrum, those of all bands add up to 1
        length: of the padded signal at the band's rate
    """

    rate: float
    count: int
    margin_seconds: float
    weights: Vector
    length: int


@dataclass(frozen=True)
class Bands:
    """The split of signals of one length: linear, time-invariant, the same for all of them.

    A time-invariant linear relation of two signals is one in every band, and there its response is
    short against the band's rate unless its resonances are sharp.

    Attributes:
        samples: length of the signals
        sample_rate: Hz
        padded: length of the transforms
        bands: from the highest down
    """

    samples: int
    sample_rate: float
    padded: int
    bands: tuple[Band, ...]

    def spectrum(self, signal: Vector) -> NDArray[np.complex128]:
        """Return the transform of a signal (samples,)."""
        return np.asarray(scipy.fft.rfft(signal, self.padded))

    def signal(self, spectrum: NDArray[np.complex128]) -> Vector:
        """Return the signal (samples,) of a transform."""
        return np.asarray(scipy.fft.irfft(spectrum, self.padded)[: self.samples])

    def split(self, spectrum: NDArray[np.complex128], band: Band) -> Vector:
        """Return a band of a signal at the band's rate, (band.length,)."""
        part = spectrum[: len(band.weights)] * band.weights
        return np.asarray(scipy.fft.irfft(part, band.length)) * (band.length / self.padded)

    def joined(self, parts: list[Vector]) -> Vector:
        """Return the sum (samples,) of one signal in each band, (band.length,) each."""
        total = np.zeros(self.padded // 2 + 1, dtype=np.complex128)
        for band, part in zip(self.bands, parts, strict=True):
            found = scipy.fft.rfft(part, band.length) * (self.padded / band.length)
            size = min(len(found), len(total))
            total[:size] += found[:size]
        return self.signal(total)


def bands_of(samples: int, sample_rate: float) -> Bands:
    """Return the bands of signals of a length.

    Args:
        samples: length of the signals
        sample_rate: Hz
    """
    padding = round(PADDING_SECONDS * sample_rate)
    padded = int(scipy.fft.next_fast_len(samples + padding, real=True))
    padded += padded % 2
    frequencies: Vector = np.arange(padded // 2 + 1, dtype=np.float64) * (sample_rate / padded)
    edges = []
    edge = sample_rate / 2.0 / STEP
    while edge > LOWEST_TOP_HZ:
        edges.append(edge)
        edge /= STEP
    found = []
    above = np.ones(len(frequencies))
    for number, low in enumerate([*edges, 0.0]):
        passes = _high_pass(frequencies, low) if low else np.ones(len(frequencies))
        weights = passes * above
        above = above * (1.0 - passes)
        high = sample_rate / 2.0 if number == 0 else edges[number - 1] * OVERLAP**0.5
        bins = min(int(np.ceil(high * padded / sample_rate)) + 1, len(frequencies))
        length = padded if number == 0 else int(scipy.fft.next_fast_len(2 * bins, real=True))
        rate = sample_rate * length / padded
        width = max(low, edges[-1] if edges else 20.0)
        found.append(
            Band(
                rate,
                int(samples * length / padded),
                SETTLED_PERIODS / width,
                weights[: min(bins, length // 2 + 1)],
                length,
            )
        )
    return Bands(samples, sample_rate, padded, tuple(found))


def _high_pass(frequencies: Vector, edge: float) -> Vector:
    """Return weights that rise smoothly from 0 to 1 over `OVERLAP` around an edge."""
    octaves = np.log(np.maximum(frequencies, 1e-9) / edge) / np.log(OVERLAP)
    t = np.clip(octaves + 0.5, 0.0, 1.0)
    # the polynomial whose first four derivatives vanish at both ends
    return np.asarray(t**5 * (126 - 420 * t + 540 * t**2 - 315 * t**3 + 70 * t**4))
