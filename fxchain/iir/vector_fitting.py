"""The rational response of an order that is nearest to a response: its poles and zeros.

With s = i·tan(ω/2), which keeps the order of a digital filter, H the wanted response and Q of order
n, the distance

    d = min Σ w·|Q/H − 1|²,  Q = P/D,  P = c₀ + Σ cₖ/(s − aₖ),  D = e₀ + Σ eₖ/(s − aₖ),

is found by linear least squares for P = D·H with given poles aₖ; the zeros of D are the next poles.
No start among the filters is needed, so that no local minimum of their controls stands in the way.

Source:
    Gustavsen and Semlyen, "Rational approximation of frequency domain responses by vector fitting",
    1999; the free constant of D from Gustavsen, "Improving the pole relocating properties of vector
    fitting", 2006.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigvals

from fxchain.iir.response_distance import Spectrum

#: Relocations of the poles at most; they have settled where they move by less than this share.
ITERATIONS, SETTLED = 20, 1e-9
#: Damping of the first poles, a share of their frequency.
_DAMPING = 0.3
#: An imaginary part below this share of a root is rounding.
_REAL = 1e-7
#: Singular values below this share of the largest are rounding.
_ROUNDING = 1e-13
#: Roots farther away than this are that far away.
_FARTHEST = 1e6


@dataclass(frozen=True)
class RationalResponse:
    """Poles and zeros in the plane of s = i·tan(ω/2), of pairs the one with a positive imaginary
    part.

    Attributes:
        poles: with negative real parts
        zeros: likewise; those beyond the Nyquist frequency are very large
        distance: from the wanted response
    """

    poles: tuple[complex, ...]
    zeros: tuple[complex, ...]
    distance: float


def plane_of(points: np.ndarray, sample_rate: float) -> np.ndarray:
    """Return s at frequencies (points,), Hz."""
    found: np.ndarray = 1j * np.tan(np.pi * points / sample_rate)
    return found


def rational_response(wanted: Spectrum, order: int) -> RationalResponse:
    """Return the rational response of an order, at least 1, that is nearest to the wanted one."""
    s = plane_of(wanted.points, wanted.sample_rate)
    weights = np.sqrt(wanted.power) / np.abs(wanted.response)
    poles = _first_poles(s, order)
    for _ in range(ITERATIONS):
        before, poles = poles, _relocated(s, wanted.response, weights, poles)
        if len(before) == len(poles) and np.allclose(before, poles, rtol=SETTLED, atol=0.0):
            break
    basis = np.append(_fractions(s, poles), np.ones((len(s), 1)), axis=1) * weights[:, None]
    target = wanted.response * weights
    solved = _solved(_stacked(basis), _stacked(target))
    left = _stacked(basis) @ solved - _stacked(target)
    zeros = _half(_zeros_of_sum(poles, solved[:-1], solved[-1]))
    band = abs(s[0]), abs(s[-1])
    return RationalResponse(_told(poles, band), _told(zeros, band), float(left @ left))


def _first_poles(s: np.ndarray, order: int) -> np.ndarray:
    edges = np.geomspace(abs(s[0]), abs(s[-1]), max(order // 2, 1) + 2)
    poles = [complex(-_DAMPING * each, each) for each in edges[1:-1]][: order // 2]
    if order % 2:
        poles.append(complex(-np.sqrt(abs(s[0]) * abs(s[-1])), 0.0))
    return np.array(poles)


def _relocated(
    s: np.ndarray, response: np.ndarray, weights: np.ndarray, poles: np.ndarray
) -> np.ndarray:
    """Return the zeros of D."""
    fractions, ones = _fractions(s, poles), np.ones((len(s), 1))
    basis = np.concatenate([fractions, ones], axis=1)
    rows = np.concatenate([basis, -response[:, None] * basis], axis=1) * weights[:, None]
    scale = float(np.linalg.norm(weights * response))
    # D is not nothing: the mean of its real part is 1
    mean = np.concatenate([np.zeros(basis.shape[1]), basis.real.mean(axis=0)]) * scale
    system = np.concatenate([_stacked(rows), mean[None]])
    solved = _solved(system, np.append(np.zeros(len(system) - 1), scale))
    shares, constant = solved[basis.shape[1] : -1], solved[-1]
    return _half(_zeros_of_sum(poles, shares, constant))


def _fractions(s: np.ndarray, poles: np.ndarray) -> np.ndarray:
    """Return 1/(s − a) of real poles, of pairs the two real combinations, (points, order)."""
    columns = []
    for pole in poles:
        if pole.imag == 0.0:
            columns.append(1.0 / (s - pole.real))
        else:
            upper, lower = 1.0 / (s - pole), 1.0 / (s - pole.conjugate())
            columns += [upper + lower, 1j * (upper - lower)]
    return np.stack(columns, axis=1)


def _zeros_of_sum(poles: np.ndarray, shares: np.ndarray, constant: float) -> np.ndarray:
    """Return the zeros of constant + Σ shareₖ/(s − aₖ), as many as poles: the eigenvalues of the
    pencil [[A, b], [c, constant]] − s·[[1, 0], [0, 0]] but for the largest."""
    order = len(shares)
    matrix, inputs, row = np.zeros((order, order)), np.zeros(order), 0
    for pole in poles:
        if pole.imag == 0.0:
            matrix[row, row], inputs[row] = pole.real, 1.0
            row += 1
        else:
            turned = [[pole.real, pole.imag], [-pole.imag, pole.real]]
            matrix[row : row + 2, row : row + 2], inputs[row] = turned, 2.0
            row += 2
    scale = max(float(np.abs(shares).max()), abs(constant), 1e-300)
    whole = np.block([[matrix, inputs[:, None]], [shares / scale, np.array([constant / scale])]])
    above, below = eigvals(whole, np.diag([*np.ones(order), 0.0]), homogeneous_eigvals=True)
    far = np.abs(below) * _FARTHEST <= np.abs(above)
    found = np.where(far, -_FARTHEST, above / np.where(far, 1.0, below))
    return found[np.argsort(np.abs(found))][:order]


def _half(roots: np.ndarray) -> np.ndarray:
    """Return the roots in the left half of the plane, of pairs the upper one."""
    left = np.where(roots.real > 0.0, -roots.conj(), roots)
    real = np.abs(left.imag) <= _REAL * np.abs(left)
    pairs = left[~real & (left.imag > 0.0)]
    return np.concatenate([left[real].real.astype(complex), pairs])


def _told(roots: np.ndarray, band: tuple[float, float]) -> tuple[complex, ...]:
    """Return the roots, two real ones for a pair outside the band, whose damping cannot be told."""
    found: list[complex] = []
    for root in roots.tolist():
        outside = root.imag and not band[0] < abs(root) < band[1]
        found += [complex(-abs(root), 0.0)] * 2 if outside else [root]
    return tuple(found)


def _solved(rows: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the least squares of columns of any size."""
    sizes = np.linalg.norm(rows, axis=0)
    sizes[sizes == 0.0] = 1.0
    found: np.ndarray = np.linalg.lstsq(rows / sizes, target, rcond=_ROUNDING)[0] / sizes
    return found


def _stacked(values: np.ndarray) -> np.ndarray:
    """Return real and imaginary parts, one behind the other."""
    return np.concatenate([values.real, values.imag])
