"""A residual near a cube, with its Jacobian as a matrix."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class DenseLinearization:
    """r(x + d) ≈ r + J·d; see `fxchain.optim.base.Linearization`.

    Attributes:
        residual: (samples,)
        jacobian: (samples, moved)
    """

    residual: np.ndarray
    jacobian: np.ndarray

    @property
    def loss(self) -> float:
        """Return ‖r‖²."""
        return float(self.residual @ self.residual)

    @property
    def gauss_newton_hessian(self) -> np.ndarray:
        """Return Jᵀ·J, (moved, moved)."""
        return self.jacobian.T @ self.jacobian

    @property
    def slope(self) -> np.ndarray:
        """Return Jᵀ·r, (moved,)."""
        return self.jacobian.T @ self.residual

    def project(self, residual: np.ndarray) -> np.ndarray:
        """Return Jᵀ · another residual (samples,)."""
        return self.jacobian.T @ residual
