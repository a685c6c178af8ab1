"""The filters g_k that lead from a dry to a wet, by least squares.

The normal equations are block Toeplitz: for the harmonics k and k' and the lag d = l − l'

    T_{k,k'}(d) = exp(ik'ωd)·R_{k'−k}(d),       R_j(d) = Σ_s exp(ijωs)·x(s)·x(s + d),

so that multiplying by them is, at each frequency of an FFT of twice the length, one small matrix.
Conjugate gradients need some twenty multiplications with T. Chan's circulant preconditioner, whose
blocks are inverted once.
"""

import numpy as np
import scipy.fft

from fxchain.periodic.moments import Complex, Moments

#: The most steps of conjugate gradients, and the residual that ends them.
STEPS, TOLERANCE = 40, 1e-3


class NormalEquations:
    """The normal equations of one recording.

    Args:
        moments: of the recording
        radians: ω, for each sample
    """

    def __init__(self, moments: Moments, radians: float) -> None:
        self._moments, self._radians = moments, radians
        self.taps = moments.cross.shape[1]
        self.harmonics = len(moments.cross) - 1
        one = moments.cross
        self.right: Complex = np.concatenate([one[:0:-1].conj(), one])
        self._size = int(scipy.fft.next_fast_len(2 * self.taps))
        self._symbol = self._spectrum(np.ones(self.taps))

    def _spectrum(self, taper: np.ndarray) -> Complex:
        """Return the matrix at each frequency, (2·taps or more, 2K + 1, 2K + 1)."""
        taps, harmonics = self.taps, self.harmonics
        size, most = self._size, 2 * harmonics
        lags, order = np.arange(taps), np.arange(most + 1)[:, None]
        later = np.conj(self._moments.auto) * taper  # R_j(d) of j, d ≥ 0
        earlier = np.exp(1j * self._radians * order * lags) * later  # R_j(−d)
        rows = np.zeros((2 * most + 1, size), complex)
        rows[most:, :taps], rows[most:, size - lags[1:]] = later, earlier[:, 1:]
        rows[:most] = np.conj(rows[:most:-1])
        numbers = np.arange(-harmonics, harmonics + 1)
        signed = scipy.fft.fftfreq(size, 1.0 / size)
        turned = np.exp(1j * self._radians * numbers[:, None] * signed)
        blocks = rows[numbers[None] - numbers[:, None] + most] * turned[None]
        return np.ascontiguousarray(np.moveaxis(scipy.fft.fft(blocks, axis=-1), -1, 0))

    def _multiplied(self, matrices: Complex, filters: Complex) -> Complex:
        spectra = scipy.fft.fft(filters, self._size, axis=1)
        products = np.matmul(matrices, spectra.T[:, :, None])[:, :, 0].T
        return np.asarray(scipy.fft.ifft(products, axis=1)[:, : self.taps])

    def solve(self, ridge: float, tolerance: float = TOLERANCE) -> Complex:
        """Return the filters, (2K + 1, taps).

        Args:
            ridge: weight of the penalty ‖g‖², relative to the energy of the dry
            tolerance: residual relative to the right-hand side
        """
        price = ridge * float(self._moments.auto[0, 0].real)
        if price <= 0.0:
            return np.zeros_like(self.right)
        unit = price * np.eye(2 * self.harmonics + 1)
        triangle = 1.0 - np.arange(self.taps) / self.taps
        inverse = np.asarray(np.linalg.inv(self._spectrum(triangle) + unit), np.complex128)
        found, residual = np.zeros_like(self.right), self.right.copy()
        limit = tolerance * float(np.linalg.norm(self.right))
        turned = self._multiplied(inverse, residual)
        direction, product = turned, float(np.vdot(residual, turned).real)
        for _ in range(STEPS):
            if float(np.linalg.norm(residual)) <= limit:
                break
            image = self._multiplied(self._symbol, direction) + price * direction
            length = product / max(float(np.vdot(direction, image).real), 1e-30)
            found += length * direction
            residual -= length * image
            turned = self._multiplied(inverse, residual)
            before, product = product, float(np.vdot(residual, turned).real)
            direction = turned + product / max(before, 1e-30) * direction
        return found

    def squared_error(self, filters: Complex) -> float:
        """Return the energy of the wet that filters leave: quadratic in them."""
        image = self._multiplied(self._symbol, filters)
        common = float(np.vdot(filters, self.right).real)
        return self._moments.energy - 2.0 * common + float(np.vdot(filters, image).real)
