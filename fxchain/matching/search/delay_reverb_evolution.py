"""Evolution of delay times and rooms; only the end of the chain is played for each candidate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fxchain.objectives.mean_error import AnyObjective, MeanError
from fxchain.objectives.tail_objective import TailObjective
from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.structure.knob_vector import KnobVector

#: (samples, strength) of echoes.
Echoes = Sequence[tuple[int, float]]

#: Candidates of a generation, and the spread of the first in the cube.
POPULATION, SPREAD = 8, 0.1
#: How far from where they are delays are tried sample by sample, samples.
REACH = 6
#: Units of delays in a second; plug-ins of other makers have milliseconds.
PER_SECOND = {"s": 1.0, "ms": 1e3}


@dataclass(frozen=True)
class DelayReverbEvolution:
    """Solves what is affine, evolves what autograd does not see, then tries delays by the sample.

    Attributes:
        rng: where the candidates come from
        turn: 0 for the first evolution; later ones are shorter and stay closer
        echoes: delay times that are tried first
    """

    rng: np.random.Generator
    turn: int = 0
    echoes: Echoes = ()

    def minimize(self, objective: AnyObjective, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Return a cube never worse; see `Optimizer`."""
        if not len(objective.evolution_indices()) or budget.over:
            return Minimum(cube, np.inf)
        tail = TailObjective(objective, cube)
        solved, loss = tail.solved(cube)
        evolution = Evolution(
            seed=int(self.rng.integers(2**31)),
            population=POPULATION,
            generations=2 if self.turn == 0 else 1,
            sigma=SPREAD / (1 + 2 * self.turn),
            suggestions=_with_delays(objective, solved, self.echoes),
        )
        found = evolution.minimize(tail, solved, budget)
        if found.loss < loss:
            solved, loss = tail.solved(found.cube)
        end, end_loss = refine_delay_samples(objective, solved, loss)
        return Minimum(end, end_loss, found.steps)


def _with_delays(
    objective: AnyObjective, cube: np.ndarray, echoes: Echoes
) -> tuple[np.ndarray, ...]:
    """Return the cube with each delay at each of the echoes, (samples, strength)."""
    moved = []
    for coordinate in objective.quantized_indices():
        for samples, _ in echoes:
            other = cube.copy()
            other[coordinate] = delay_position(
                objective, int(coordinate), samples, objective.sample_rate
            )
            moved.append(other)
    return tuple(moved)


@dataclass(frozen=True)
class DelaySamples:
    """Moves delays by whole samples to where the error is least."""

    def minimize(self, objective: AnyObjective, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Return a cube never worse; it takes no step of the budget. See `Optimizer`."""
        if not len(objective.quantized_indices()):
            return Minimum(cube, np.inf, converged=True)
        loss = float(objective.losses(cube[None])[0])
        return Minimum(*refine_delay_samples(objective, cube, loss), converged=True)


def refine_delay_samples(
    objective: AnyObjective, cube: np.ndarray, loss: float
) -> tuple[np.ndarray, float]:
    """Move delays by up to `REACH` samples to where the error is least.

    Args:
        objective: of the whole chain
        cube: (dimension,)
        loss: its loss there

    Returns:
        a cube never worse, and its loss
    """
    coordinates = objective.quantized_indices()
    tail = TailObjective(objective, cube) if len(coordinates) else None
    for coordinate in coordinates:
        here = delay_samples(objective, int(coordinate), cube[coordinate])
        for samples in (*range(here - REACH, here), *range(here + 1, here + REACH + 1)):
            tried = cube.copy()
            tried[coordinate] = delay_position(
                objective, int(coordinate), samples, objective.sample_rate
            )
            tried_loss = tail.unsolved_loss(tried) if tail else loss
            if tried_loss < loss:
                cube, loss = tried, tried_loss
    return cube, loss


def delay_position(
    knobs: KnobVector | MeanError, coordinate: int, samples: int, sample_rate: float
) -> float:
    """Return the position of a delay of whole samples, half a sample inside its step."""
    spec = knobs.slots[coordinate].spec
    return spec.normalize((samples + 0.5) / sample_rate * PER_SECOND.get(spec.unit, 1.0))


def delay_samples(objective: AnyObjective, coordinate: int, position: float) -> int:
    """Return the whole samples of a delay at a position."""
    spec = objective.slots[coordinate].spec
    value = float(spec.denormalize(torch.tensor(position, dtype=torch.float64)))
    return int(value * objective.sample_rate / PER_SECOND.get(spec.unit, 1.0))
