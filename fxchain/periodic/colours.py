"""Two short filters, of the dry and of a copy of it that moves, by least squares.

    y = h₀ * x + h₁ * w

The normal equations are block Toeplitz: all that they need are correlations of x, w and y.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.linalg
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Colours:
    """Two filters, (taps,) each; the first taps of the second are `before` samples early."""

    direct: Vector
    copy: Vector

    def played(self, x: Vector, w: Vector) -> Vector:
        """Return h₀ * x + h₁ * w."""
        return convolved(x, self.direct) + convolved(w, self.copy)


def solve_colours(x: Vector, w: Vector, y: Vector, taps: int, ridge: float) -> Colours:
    """Solve both filters.

    Args:
        x: (samples,)
        w: (samples,)
        y: (samples,)
        taps: of each
        ridge: relative to the energies of x and w
    """
    size = int(scipy.fft.next_fast_len(len(x) + taps, real=True))
    spectra = [scipy.fft.rfft(each, size) for each in (x, w, y)]

    def correlated(one: int, other: int) -> Vector:
        """Return ⟨one(t), other(t + l)⟩ for l = 0 … taps − 1."""
        return np.asarray(scipy.fft.irfft(spectra[one].conj() * spectra[other], size)[:taps])

    xx, ww, xw, wx = (correlated(*pair) for pair in ((0, 0), (1, 1), (0, 1), (1, 0)))
    scale = np.sqrt(xx[0] / (ww[0] + 1e-30))  # both blocks alike, so that the ridge is
    ww, xw, wx = ww * scale**2, xw * scale, wx * scale
    # ⟨x(t − i), w(t − j)⟩ depends on i − j: xw at i − j ≥ 0, wx at j − i
    cross = scipy.linalg.toeplitz(xw, wx)
    matrix = np.block([[scipy.linalg.toeplitz(xx), cross], [cross.T, scipy.linalg.toeplitz(ww)]])
    matrix[np.diag_indices(2 * taps)] += ridge * xx[0] + 1e-30
    right = np.concatenate([correlated(0, 2), scale * correlated(1, 2)])
    found = scipy.linalg.solve(matrix, right, assume_a="pos")
    return Colours(found[:taps], scale * found[taps:])


def convolved(signal: Vector, response: Vector) -> Vector:
    """Return a signal behind a filter, as many samples."""
    size = int(scipy.fft.next_fast_len(len(signal) + len(response), real=True))
    product = scipy.fft.rfft(signal, size) * scipy.fft.rfft(response, size)
    return np.asarray(scipy.fft.irfft(product, size)[: len(signal)])
