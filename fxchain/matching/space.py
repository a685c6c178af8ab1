"""The search for echo times and rooms: only the end of the chain is played anew.

What stands before the first effect that autograd does not see is played once and kept. In every
candidate the controls that enter as straight lines (mix, wet and dry levels, weights) are solved by
least squares, so that evolution searches only what is not linear.
"""

from collections.abc import Sequence

import numpy as np
import torch

from fxchain.matching.joint import AnyObjective
from fxchain.matching.objective import top_stages
from fxchain.optim.base import Meter
from fxchain.optim.evolution import evolve

#: (samples, strength) of echoes.
Echoes = Sequence[tuple[int, float]]


class SpaceObjective:
    """The error over the coordinates of the chain's end, straight-line controls solved.

    Args:
        whole: the objective of the whole chain
        cube: (dimension,) of the whole; the beginning of the chain stays there
    """

    def __init__(self, whole: AnyObjective, cube: np.ndarray) -> None:
        split, place = 0, 0
        for stage in top_stages(whole.stage):
            if any(not slot.audible_to_autograd for slot in stage.slots()):
                break
            split, place = split + 1, place + stage.size
        self._end = whole.end(split, cube)
        self._offset = int(whole.free[:place].sum())
        self._cube = np.array(cube)
        self._lines = np.flatnonzero([slot.affine for slot in self._end.slots])

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of whole cubes, straight-line controls solved."""
        return np.array([self.solved(cube)[1] for cube in population])

    def solved(self, cube: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the cube with its straight-line controls solved, and its loss."""
        end = np.array(cube[self._offset :])
        loss = float(self._end.losses(end[None])[0])
        if len(self._lines):
            slopes = self._end.slopes(end, self._lines)
            curvature, slope = slopes.curvature, slopes.slope
            ridge = 1e-6 * np.trace(curvature) + 1e-12
            step = -np.linalg.solve(curvature + ridge * np.eye(len(self._lines)), slope)
            moved = end.copy()
            moved[self._lines] = np.clip(end[self._lines] + step, 0.0, 1.0)
            moved_loss = float(self._end.losses(moved[None])[0])
            if moved_loss < loss:
                end, loss = moved, moved_loss
        out = self._cube.copy()
        out[self._offset :] = end
        return out, loss

    def unsolved_loss(self, cube: np.ndarray) -> float:
        """Return the loss with every control as it is."""
        return float(self._end.losses(np.array(cube[self._offset :])[None])[0])


def search_space(
    whole: AnyObjective,
    cube: np.ndarray,
    meter: Meter,
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
    searched = whole.searched()
    if not len(searched) or meter.over:
        return cube
    space = SpaceObjective(whole, cube)
    solved, loss = space.solved(cube)
    lines = np.flatnonzero([slot.affine for slot in whole.slots])
    suggestions = []
    for coordinate in whole.named("delay.delay_seconds"):
        for samples, _ in echoes:
            other = solved.copy()
            other[coordinate] = on_lattice(whole, int(coordinate), samples)
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
    return settle_steps(whole, solved, loss)[0]


def settle_steps(
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
    space = SpaceObjective(whole, cube) if len(coordinates) else None
    for coordinate in coordinates:
        spec = whole.slots[coordinate].spec
        seconds = float(spec.denormalize(torch.tensor(cube[coordinate], dtype=torch.float64)))
        here = int(seconds * whole.sample_rate)
        for samples in (*range(here - reach, here), *range(here + 1, here + reach + 1)):
            tried = cube.copy()
            tried[coordinate] = on_lattice(whole, int(coordinate), samples)
            tried_loss = space.unsolved_loss(tried) if space else loss
            if tried_loss < loss:
                cube, loss = tried, tried_loss
    return cube, loss


def on_lattice(whole: AnyObjective, coordinate: int, samples: int) -> float:
    """Return the position of a delay of whole samples, half a sample inside its step."""
    spec = whole.slots[coordinate].spec
    return spec.normalize((samples + 0.5) / whole.sample_rate)
