"""Knobs that trade against each other without a change of the sound."""

import numpy as np

#: An eigenvalue of the scaled Hessian (each knob alone has 1) below this is that of a redundant
#: direction. Exact ones lie at 1e-11 or below, with a compressor between at 4e-9: what single
#: precision leaves; the next are rarely below 2e-7.
REDUNDANT = 3e-8
#: Knobs whose component is at least this share of the largest belong to a redundant direction.
LEAST_SHARE = 0.05


def redundant_groups(hessian: np.ndarray) -> list[list[int]]:
    """Return the groups of knobs that trade against each other without a change of the sound.

    With D = diag(H), the directions are the eigenvectors of D^(−½) H D^(−½) whose eigenvalues are
    below `REDUNDANT`. Two knobs belong together where the projector onto those directions links
    them; unlike single eigenvectors it is unique.

    Args:
        hessian: H, (knobs, knobs), Gauss-Newton's, over the unit cube, its diagonal positive

    Returns:
        indices, ascending; directions without a common knob make separate groups
    """
    if len(hessian) < 2:
        return []
    scale = 1.0 / np.sqrt(np.diag(hessian))
    eigenvalues, directions = np.linalg.eigh(hessian * np.outer(scale, scale))
    null_space = directions[:, eigenvalues < REDUNDANT]
    projector = np.abs(null_space @ null_space.T)
    share = np.diag(projector)
    member = (share > 0.0) & (share >= LEAST_SHARE**2 * share.max())
    linked = projector >= LEAST_SHARE * np.maximum.outer(share, share)
    groups = _components(linked, [int(at) for at in np.flatnonzero(member)])
    return [group for group in groups if len(group) > 1]


def _components(linked: np.ndarray, nodes: list[int]) -> list[list[int]]:
    """Return the connected components of a graph, each ascending.

    Args:
        linked: (knobs, knobs), bool
        nodes: those to look at, ascending
    """
    left, groups = list(nodes), []
    while left:
        group, edge = [], [left.pop(0)]
        while edge:
            group.append(edge.pop())
            edge += [at for at in left if linked[group[-1], at]]
            left = [at for at in left if at not in edge]
        groups.append(sorted(group))
    return groups
