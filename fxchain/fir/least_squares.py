"""Least-squares filters from one recording to another, with many taps."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.linalg import solve_toeplitz
from torch import Tensor

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.conjugate_gradients import (
    circulant_inverse,
    conjugate_gradients,
    signal_of,
    spectrum_of,
)
from fxchain.fir.parts import (
    RegressionChannel,
    Vector,
    channels_of,
    correlation,
    filtered,
)

#: Up to this many taps the equations are solved by Levinson recursion.
EXACT = 4_096
#: Beyond that by conjugate gradients: the most steps, and their tolerance.
MOST_STEPS, TOLERANCE = 200, 1e-7
#: Refinements that correct the edges of the recordings.
EDGE_ROUNDS = 3


def solve_filter(parts: Sequence[AlignedAudio], taps: int, ridge: float) -> Vector:
    """Return the causal filter with the least squared error, one per channel.

    Args:
        parts: of the same device, with equally many channels; a louder one counts more
        taps: length of the filter, samples
        ridge: weight of the penalty ‖h‖², relative to the energy of the dry

    Returns:
        (channels, taps)

    Raises:
        MatchError: the shapes of a part differ or nothing of it is left to fit
        LinAlgError: the dry is so band-limited that the equations are singular
    """
    return np.stack([_solved(lines, taps, ridge) for lines in channels_of(parts)])


def _solved(lines: Sequence[RegressionChannel], taps: int, ridge: float) -> Vector:
    """Solve the covariance equations by iterative refinement with their Toeplitz approximation.

    The Toeplitz matrix assumes zeros around the recordings. It differs from the exact one only by
    the edges, so a few refinements with the exact residual converge.
    """
    auto = autocorrelation(lines, taps)
    energy = auto[0]
    if energy <= 0:
        return np.zeros(taps)
    auto[0] *= 1 + ridge
    solution = np.zeros(taps)
    for _ in range(EDGE_ROUNDS):
        slope = -ridge * energy * solution
        for line in lines:
            error = line.y - filtered(line.x, solution)
            error[: line.first_valid] = 0
            slope += correlation(error, line.x, taps)
        solution = solution + _toeplitz(auto, slope)
    return solution


def _toeplitz(column: Vector, right: Vector) -> Vector:
    """Solve a symmetric Toeplitz system."""
    if len(column) <= EXACT:
        return np.asarray(solve_toeplitz(column, right, check_finite=False))
    half, known = len(column), torch.from_numpy(column)
    circle = spectrum_of(torch.cat([known, known.new_zeros(1), known[1:].flip(0)]), 2 * half).real

    def apply(vector: Tensor) -> Tensor:
        return signal_of(circle * spectrum_of(vector, 2 * half), 2 * half)[..., :half]

    target, start = torch.from_numpy(right), torch.zeros(half, dtype=torch.float64)
    return conjugate_gradients(
        apply, circulant_inverse(known), target, start, MOST_STEPS, TOLERANCE
    ).numpy()


def autocorrelation(lines: Sequence[RegressionChannel], taps: int) -> Vector:
    """Return the sum of the autocorrelations of all dry recordings, (taps,)."""
    total = np.zeros(taps)
    for line in lines:
        total += correlation(line.x, line.x, taps)
    return total
