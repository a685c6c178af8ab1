"""Two short filters, of the dry and of a copy of it that moves, by least squares.

    y = h₀ * x + h₁ * w

The normal equations are block Toeplitz: all that they need are correlations of x, w and y, sums
over a recording.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.linalg
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Colours:
    """Two filters, (taps,) each."""

    direct: Vector
    copy: Vector

    def played(self, x: Vector, w: Vector) -> Vector:
        """Return h₀ * x + h₁ * w."""
        return convolved(x, self.direct) + convolved(w, self.copy)


@dataclass(frozen=True, eq=False)
class ColourMoments:
    """Correlations of x, w and y over a recording, or over weighted parts of it.

    Attributes:
        own: (2, 2, taps), ⟨s_i(t), s_j(t + l)⟩, s being x and w
        cross: (2, taps), ⟨s_i(t), y(t + l)⟩
        energy: of y
    """

    own: Vector
    cross: Vector
    energy: float

    def __add__(self, other: "ColourMoments") -> "ColourMoments":
        """Return the sums over both."""
        energy = self.energy + other.energy
        return ColourMoments(self.own + other.own, self.cross + other.cross, energy)

    def __sub__(self, other: "ColourMoments") -> "ColourMoments":
        """Return the sums over what the other has not."""
        energy = self.energy - other.energy
        return ColourMoments(self.own - other.own, self.cross - other.cross, energy)

    def reduced(self, taps: int) -> "ColourMoments":
        """Return those that shorter filters need."""
        return ColourMoments(self.own[..., :taps], self.cross[:, :taps], self.energy)

    def without_copy(self) -> "ColourMoments":
        """Return those where nothing moves: w is silence."""
        own, cross = np.zeros_like(self.own), np.zeros_like(self.cross)
        own[0, 0], cross[0] = self.own[0, 0], self.cross[0]
        return ColourMoments(own, cross, self.energy)

    def solve(self, ridge: float) -> Colours:
        """Return the filters.

        Args:
            ridge: weight of the penalty, relative to the energies of x and w
        """
        taps, (xx, ww) = self.cross.shape[1], np.einsum("iil->il", self.own)
        # both blocks alike, so that the ridge is
        scale = np.repeat([1.0, np.sqrt(xx[0] / (ww[0] + 1e-30))], taps)
        matrix = scale[:, None] * self._matrix() * scale
        matrix[np.diag_indices(2 * taps)] += ridge * xx[0] + 1e-30
        found = scipy.linalg.solve(matrix, scale * self.cross.reshape(-1), assume_a="pos")
        return Colours(*(scale * found).reshape(2, taps))

    def squared_error(self, colours: Colours) -> float:
        """Return the energy of y that filters leave."""
        filters = np.concatenate([colours.direct, colours.copy])
        explained = 2.0 * self.cross.reshape(-1) - self._matrix() @ filters
        return float(self.energy - filters @ explained)

    def _matrix(self) -> Vector:
        """Return the products of the delayed signals: ⟨s_i(t − k), s_j(t − l)⟩ for k − l."""
        blocks = [
            [scipy.linalg.toeplitz(self.own[i, j], self.own[j, i]) for j in range(2)]
            for i in range(2)
        ]
        return np.block(blocks)


def colour_moments(x: Vector, w: Vector, y: Vector, taps: int) -> ColourMoments:
    """Return what filters of so many taps are solved from.

    Args:
        x: (samples,)
        w: (samples,)
        y: (samples,)
        taps: of each filter
    """
    size = int(scipy.fft.next_fast_len(len(x) + taps, real=True))
    spectra = scipy.fft.rfft(np.stack([x, w, y]), size)
    products = spectra[:2, None].conj() * spectra
    found = np.asarray(scipy.fft.irfft(products, size)[..., :taps])
    return ColourMoments(found[:, :2], found[:, 2], float(y @ y))


def convolved(signals: Vector, response: Vector) -> Vector:
    """Return signals (…, samples) behind a filter, as many samples."""
    samples = signals.shape[-1]
    size = int(scipy.fft.next_fast_len(samples + len(response), real=True))
    product = scipy.fft.rfft(signals, size) * scipy.fft.rfft(response, size)
    return np.asarray(scipy.fft.irfft(product, size)[..., :samples])
