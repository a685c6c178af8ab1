"""What a chain plays without something, and what the rest of its knobs would make of that.

With r the residual and J the Jacobian of the knobs that are left, they follow by

    min_d ‖r + J·d‖² + Σ λ_i·d_i²,    λ_i = RIDGE·‖r‖² + DAMPING·(JᵀJ)_ii.
"""

import math
from collections.abc import Callable

import numpy as np

from fxchain.objectives.mean_error import AnyObjective
from fxchain.structure.candidate import Candidate

#: Makes the error of a candidate.
MakeError = Callable[[Candidate], AnyObjective]

#: λ as a share of the error before the knobs follow: what it costs to move one across its range.
RIDGE = 0.1
#: … and as a share of the knob's own curvature.
DAMPING = 1e-4
#: A gain makes up for what is left out within this, dB.
MOST_GAIN_DB = 30.0


def residual_of(candidate: Candidate, make_error: MakeError) -> np.ndarray:
    """Return the residual (samples,) of a candidate at its values."""
    error = make_error(candidate)
    return error.residual(error.cube(candidate.values))


def best_gain_db(residual: np.ndarray, target: np.ndarray) -> float:
    """Return the gain that brings an output closest to the wet, dB.

    Args:
        residual: (samples,), output − wet
        target: (samples,), wet
    """
    played = (residual + target).astype(np.float64)
    energy = float(played @ played)
    factor = float(played @ target) / energy if energy > 0.0 else 1.0
    return float(np.clip(20.0 * math.log10(max(factor, 1e-6)), -MOST_GAIN_DB, MOST_GAIN_DB))


def with_gain(residual: np.ndarray, target: np.ndarray, gain_db: float) -> np.ndarray:
    """Return the residual (samples,) of an output behind a gain, dB."""
    factor = np.float32(10.0 ** (gain_db / 20.0))
    found: np.ndarray = factor * (residual + target) - target
    return found


def damped(hessian: np.ndarray, loss: float) -> np.ndarray:
    """Return JᵀJ + diag(λ).

    Args:
        hessian: JᵀJ, (moved, moved)
        loss: ‖r‖²
    """
    ridge = RIDGE * max(loss, 0.0) + DAMPING * np.diag(hessian) + 1e-15
    found: np.ndarray = hessian + np.diag(ridge)
    return found
