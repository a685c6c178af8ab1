"""What other layouts would leave, foretold from the second-order terms of each capture."""

from dataclasses import dataclass

import numpy as np

from fxchain.devices.joint_error import JointError
from fxchain.devices.layout import Layout

#: Part of the diagonal that is added to a system, so that knobs without effect move nowhere.
_RIDGE = 1e-6


@dataclass(frozen=True, eq=False)
class Quadratic:
    """E_c(p) ≈ E_c + 2·g_cᵀ(p − p_c) + (p − p_c)ᵀH_c(p − p_c) for each capture c.

    Attributes:
        cubes: (captures, values), where the errors were linearized
        losses: (captures,)
        slopes: (captures, values), Jᵀr
        hessians: (captures, values, values), JᵀJ
        known: the values whose slopes are known; the others stay
    """

    cubes: np.ndarray
    losses: np.ndarray
    slopes: np.ndarray
    hessians: np.ndarray
    known: np.ndarray

    def best(self, layout: Layout) -> tuple[float, np.ndarray]:
        """Return the least mean error that a layout can have, and its numbers.

        With p = A·x the mean error is a quadratic function of x, whose minimum is that of one
        linear system.
        """
        matrix = layout.matrix[:, self.known]
        cubes = self.cubes[:, self.known]
        system = np.einsum("cvn,cvw,cwm->nm", matrix, self.hessians, matrix)
        wanted = np.einsum("cvw,cw->cv", self.hessians, cubes) - self.slopes
        right = np.einsum("cvn,cv->n", matrix, wanted)
        start = layout.nearest(self.cubes)
        ridge = _RIDGE * np.diag(system) + 1e-15
        moved = np.linalg.solve(system + np.diag(ridge), right - system @ start)
        numbers = start + moved
        away = np.clip(matrix @ numbers, 0.0, 1.0) - cubes
        errors = (
            self.losses
            + 2.0 * np.einsum("cv,cv->c", self.slopes, away)
            + np.einsum("cv,cvw,cw->c", away, self.hessians, away)
        )
        return float(np.mean(np.maximum(errors, 0.0))), numbers


def quadratic_at(error: JointError, cubes: np.ndarray) -> Quadratic:
    """Return the second-order terms of each capture at its positions (captures, values)."""
    known = error.members[0].jacobian_indices()
    losses, slopes, hessians = [], [], []
    for member, cube in zip(error.members, cubes, strict=True):
        plane = member.linearize(cube, known)  # one at a time: Jacobians are large
        losses.append(plane.loss)
        slopes.append(plane.slope)
        hessians.append(plane.gauss_newton_hessian)
    return Quadratic(cubes, np.array(losses), np.array(slopes), np.array(hessians), known)
