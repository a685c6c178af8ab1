"""The spectrum of a response by a recursive filter of few coefficients.

Second-order steps need derivatives behind a response only for products of two of them, on which its
phase has no influence. A recursive filter 1/A(z) with the same first autocorrelations follows its
spectrum, peaks before dips, with a thirtieth of its coefficients.

Source:
    Makhoul, "Linear prediction: a tutorial review", 1975: the autocorrelation method.
"""

from dataclasses import dataclass

import numba
import numpy as np
import scipy.linalg
import scipy.signal

from fxchain.dsp.compilation_cache import CACHED
from fxchain.recurrent.sensitivities import combine

#: Number of coefficients.
ORDER = 16
#: White noise that is added to the response, relative to its energy: below −40 dB of its spectrum
#: nothing is followed.
FLOOR = 1e-4


@dataclass(frozen=True, eq=False)
class AllPole:
    """A recursive filter y[t] = gain·x[t] − Σ aₖ·y[t − k].

    Attributes:
        gain: float32
        coefficients: (ORDER,), float32, of y[t − ORDER] first
    """

    gain: np.float32
    coefficients: np.ndarray

    def filter(self, rows: np.ndarray) -> None:
        """Filter rows (ORDER + samples, columns), float32, in place, behind the first `ORDER`,
        which are what came out before."""
        _filter(rows, self.gain, self.coefficients)


def all_pole(taps: np.ndarray) -> AllPole:
    """Return the filter for a response (taps,)."""
    energies = scipy.signal.correlate(taps.astype(np.float64), taps.astype(np.float64), "full")
    lags = energies[len(taps) - 1 :][: ORDER + 1]
    lags = np.pad(lags, (0, ORDER + 1 - len(lags)))
    lags[0] = lags[0] * (1.0 + FLOOR) + 1e-30
    found = scipy.linalg.solve_toeplitz(lags[:-1], -lags[1:])
    gain = np.sqrt(max(lags[0] + found @ lags[1:], 0.0))
    return AllPole(np.float32(gain), found[::-1].astype(np.float32))


@numba.njit(cache=CACHED, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _filter(rows, gain, coefficients):  # type: ignore[no-untyped-def]
    order, columns = coefficients.shape[0], rows.shape[1]
    sums = np.empty(columns, np.float32)
    for t in range(order, rows.shape[0]):
        combine(coefficients, rows[t - order : t], sums)
        line = rows[t]
        for k in range(columns):
            line[k] = gain * line[k] - sums[k]
