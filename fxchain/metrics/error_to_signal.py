"""The error-to-signal ratio (ESR) that a fit minimizes: Σ(y − ŷ)² / Σy².

`fxchain.metrics.scores.esr` is the same ratio for numpy arrays: it adds up long recordings in
blocks and has no gradient. Here the energy of the target is computed once for all estimates, and
autograd sees the sum.
"""

from __future__ import annotations

from torch import Tensor

_LEAST_ENERGY = 1e-20


def signal_energy(target: Tensor) -> float:
    """Return the energy of a target, at least 1e-20.

    Args:
        target: any shape

    Returns:
        Σy², added up in double precision
    """
    return max(float(target.double().square().sum()), _LEAST_ENERGY)


def error_to_signal(residual: Tensor, energy: float) -> Tensor:
    """Return the ESR of an estimate.

    Args:
        residual: ŷ − y of any shape; its dtype is that of the sum, so a loss that is compared with
            others takes doubles, one that is differentiated may take single precision
        energy: Σy², see `signal_energy`

    Returns:
        ()
    """
    return residual.square().sum() / energy
