"""Several starts: each goes a few steps, the best goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.matching.excerpt import Excerpt
from fxchain.matching.joint import AnyObjective
from fxchain.matching.start import tone_and_level
from fxchain.optim.base import Meter
from fxchain.optim.gradient import adam
from fxchain.optim.second_order import Descent, levenberg_marquardt

#: Most first-order and second-order steps from each start.
FIRST, SECOND = 10, 3


def starts(objective: AnyObjective, cube: np.ndarray, excerpt: Excerpt) -> list[np.ndarray]:
    """Return a first guess, and another with tone and level in closed form.

    Args:
        objective: knows the chain
        cube: (dimension,), the guess
        excerpt: whose spectra are compared
    """
    toned = tone_and_level(
        objective.stage, objective.values(cube), objective.free, excerpt, objective.sample_rate
    )
    other = objective.cube(toned)
    return [cube] if np.array_equal(cube, other) else [cube, other]


@dataclass(frozen=True)
class Entry:
    """A start in the contest.

    Attributes:
        objective: what is made small; the same error for all, of one chain or another
        cube: (dimension,)
    """

    objective: AnyObjective
    cube: np.ndarray


def best_start(entries: Sequence[Entry], meters: Sequence[Meter]) -> tuple[int, np.ndarray]:
    """Go a few steps from each start.

    Args:
        entries: at least one
        meters: the budget of each

    Returns:
        which one is best by then, and its place
    """
    places: list[Descent] = []
    for entry, meter in zip(entries, meters, strict=True):
        objective = entry.objective
        cube = adam(objective, entry.cube, objective.seen_by_autograd(), meter, steps=FIRST)
        visible = objective.visible()
        places.append(
            levenberg_marquardt(objective, cube, visible, meter, steps=SECOND, phase="start")
        )
    best = min(range(len(places)), key=lambda at: places[at].loss)
    return best, places[best].cube
