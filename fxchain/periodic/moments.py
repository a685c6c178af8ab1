"""Correlations of a dry recording with itself and with the wet, at multiples of a rate of change.

With u_k(s) = exp(ikωs)·x(s), a linear filter that changes with the frequency ω is

    y(t) = Σ_k Σ_l g_k[l]·u_k(t − l),        k = −K … K,

and all that least squares need to know of x and y are the correlations

    auto_j(d) = Σ_s exp(−ijωs)·x(s)·x(s + d),   j = 0 … 2K,
    cross_k(l) = Σ_s exp(−ikωs)·x(s)·y(s + l),  k = 0 … K.

Source:
    linear, periodically time-varying systems (Zadeh 1950); the correlations are sums over blocks,
    each by one FFT of the modulated signal.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Samples of a block, as a multiple of the length of the filter.
BLOCK_LENGTHS = 6


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over a recording, or over weighted parts of it, at one rate of change.

    Attributes:
        auto: (2·harmonics + 1, taps), complex
        cross: (harmonics + 1, taps), complex
        energy: of the wet
    """

    auto: Complex
    cross: Complex
    energy: float

    def __add__(self, other: "Moments") -> "Moments":
        """Return the sums over both."""
        return Moments(self.auto + other.auto, self.cross + other.cross, self.energy + other.energy)

    def __sub__(self, other: "Moments") -> "Moments":
        """Return the sums over what the other has not."""
        return Moments(self.auto - other.auto, self.cross - other.cross, self.energy - other.energy)

    def reduced(self, harmonics: int, taps: int) -> "Moments":
        """Return what fewer harmonics and shorter filters need."""
        return Moments(
            self.auto[: 2 * harmonics + 1, :taps], self.cross[: harmonics + 1, :taps], self.energy
        )

    def of_recording(self, phase: float, weight: float) -> "Moments":
        """Return the same of a recording at whose first sample exp(ikφ) stands for exp(ikω·0).

        Args:
            phase: φ, rad
            weight: of the recording among several
        """
        turns = np.exp(-1j * phase * np.arange(len(self.auto)))[:, None]
        auto, cross = weight * turns * self.auto, weight * turns[: len(self.cross)] * self.cross
        return Moments(auto, cross, weight * self.energy)


def measure_moments(dry: Vector, wet: Vector, radians: float, harmonics: int, taps: int) -> Moments:
    """Return the sums over a recording.

    Args:
        dry: (samples,)
        wet: (samples,)
        radians: ω, for each sample
        harmonics: K
        taps: length of the filters
    """
    size = int(scipy.fft.next_fast_len(BLOCK_LENGTHS * taps))
    hop = size - taps
    blocks = max(-(-len(dry) // hop), 1)
    x, y = (np.zeros(blocks * hop + taps) for _ in range(2))
    x[: len(dry)], y[: len(wet)] = dry, wet
    own = np.zeros((blocks, size))
    own[:, :hop] = x[: blocks * hop].reshape(blocks, hop)
    ahead = [
        scipy.fft.fft(np.lib.stride_tricks.sliding_window_view(each, size)[::hop], axis=1)
        for each in (x, y)
    ]
    turns = np.exp(1j * radians * hop * np.arange(blocks))[:, None] * np.exp(
        1j * radians * np.arange(size)
    )
    auto = np.empty((2 * harmonics + 1, taps), complex)
    cross = np.empty((harmonics + 1, taps), complex)
    modulated = own.astype(complex)
    for at in range(2 * harmonics + 1):
        spectrum = scipy.fft.fft(modulated, axis=1).conj()
        auto[at] = _summed(spectrum, ahead[0], taps)
        if at <= harmonics:
            cross[at] = _summed(spectrum, ahead[1], taps)
        modulated *= turns
    return Moments(auto, cross, float(wet @ wet))


def _summed(one: Complex, other: Complex, taps: int) -> Complex:
    """Return the correlation of all blocks, (taps,)."""
    product = np.einsum("bf,bf->f", one, other)
    return np.asarray(scipy.fft.ifft(product)[:taps], np.complex128)
