"""The search for echo times and rooms: only the end of the chain is played anew.

What stands before the first effect that autograd does not see is played once and kept. In every
candidate the controls that enter as straight lines (mix, wet and dry levels, weights) are solved by
least squares, so that evolution searches only what is not linear.
"""

from collections.abc import Sequence

import numpy as np
import torch

from fxchain.objectives.mean_error import AnyObjective
from fxchain.objectives.tail_objective import TailObjective
from fxchain.optim.base import BudgetView
from fxchain.optim.evolution import evolve

#: (samples, strength) of echoes.
Echoes = Sequence[tuple[int, float]]


def evolve_delay_reverb(
    whole: AnyObjective,
    cube: np.ndarray,
    meter: BudgetView,
    rng: np.random.Generator,
    turn: int,
    echoes: Echoes,
) -> np.ndarray:
    """Let evolution move echo times and rooms, then echo times by single samples.

    Args:
        whole: the objective of the whole chain
        cube: (dimension,)
        meter: the budget
        rng: where the candidates come from
        turn: 0 for the first search; later ones are shorter and stay closer
        echoes: delay times that are tried first

    Returns:
        a cube never worse
    """
    searched = whole.evolution_indices()
    if not len(searched) or meter.over:
        return cube
    space = TailObjective(whole, cube)
    solved, loss = space.solved(cube)
    lines = np.flatnonzero([slot.affine for slot in whole.slots])
    suggestions = []
    for coordinate in whole.named("delay.delay_seconds"):
        for samples, _ in echoes:
            other = solved.copy()
            other[coordinate] = delay_position(whole, int(coordinate), samples)
            suggestions.append(other)
    found, found_loss = evolve(
        space,
        solved,
        np.setdiff1d(searched, lines),
        meter,
        seed=int(rng.integers(2**31)),
        population=8,
        generations=2 if turn == 0 else 1,
        sigma=0.1 / (1 + 2 * turn),
        suggestions=tuple(suggestions),
    )
    if found_loss < loss:
        solved, loss = space.solved(found)
    return refine_delay_samples(whole, solved, loss)[0]


def refine_delay_samples(
    whole: AnyObjective, cube: np.ndarray, loss: float, reach: int = 6
) -> tuple[np.ndarray, float]:
    """Move echo times by whole samples to where the error is least.

    Args:
        whole: the objective of the whole chain
        cube: (dimension,)
        loss: its loss there
        reach: how far to look in both directions, samples

    Returns:
        a cube never worse, and its loss
    """
    coordinates = whole.named("delay.delay_seconds")
    space = TailObjective(whole, cube) if len(coordinates) else None
    for coordinate in coordinates:
        spec = whole.slots[coordinate].spec
        seconds = float(spec.denormalize(torch.tensor(cube[coordinate], dtype=torch.float64)))
        here = int(seconds * whole.sample_rate)
        for samples in (*range(here - reach, here), *range(here + 1, here + reach + 1)):
            tried = cube.copy()
            tried[coordinate] = delay_position(whole, int(coordinate), samples)
            tried_loss = space.unsolved_loss(tried) if space else loss
            if tried_loss < loss:
                cube, loss = tried, tried_loss
    return cube, loss


def delay_position(whole: AnyObjective, coordinate: int, samples: int) -> float:
    """Return the position of a delay of whole samples, half a sample inside its step."""
    spec = whole.slots[coordinate].spec
    return spec.normalize((samples + 0.5) / whole.sample_rate)
