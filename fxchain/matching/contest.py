"""Several starts: each goes a few steps, the best goes on."""

from collections.abc import Sequence

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


def best_start(
    objective: AnyObjective, candidates: Sequence[np.ndarray], meters: Sequence[Meter]
) -> np.ndarray:
    """Go a few steps from each start, and return the place that is best by then.

    Args:
        objective: what is made small
        candidates: of (dimension,), at least one
        meters: the budget of each
    """
    places: list[Descent] = []
    seen, visible = objective.seen_by_autograd(), objective.visible()
    for start, meter in zip(candidates, meters, strict=True):
        cube = adam(objective, start, seen, meter, steps=FIRST)
        places.append(
            levenberg_marquardt(objective, cube, visible, meter, steps=SECOND, phase="start")
        )
    return min(places, key=lambda place: place.loss).cube
