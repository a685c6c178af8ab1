"""The outer loop: gradient, second-order steps and evolution in turns.

Every search of fxchain alternates here, a match as well as a transfer of a style:

    for each round, until its share of the budget is used up:
        for each step of the round:
            cube = step.optimizer.minimize(step.objective(problem, cube), cube, budget).cube

A round is, for instance, a descent over what has a Jacobian (drive, equalizers), followed by an
evolution over what has none (delay times, rooms). The objective of a step is made from where the
step begins: coarse at first (a short excerpt, quiet bands as loud as others), the plain error last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fxchain.optim.base import Minimum, Objective, Optimizer
from fxchain.optim.budget import BudgetView

#: Makes what a step minimises: from the problem of the whole loop, and the cube where it begins.
MakeObjective = Callable[[Any, np.ndarray], Any]


def itself(problem: Any, cube: np.ndarray) -> Any:
    """Return the problem, where it is an objective that a step can minimise as it is."""
    return problem


@dataclass(frozen=True)
class Step:
    """One optimizer in its turn.

    Attributes:
        optimizer: what minimises
        objective: what is minimised
    """

    optimizer: Optimizer
    objective: MakeObjective = itself


@dataclass(frozen=True)
class Round:
    """Optimizers one after the other.

    Attributes:
        steps: each begins where the one before ended
        until: share of the loop's budget at which the round ends
    """

    steps: tuple[Step, ...]
    until: float = 1.0


@dataclass(frozen=True)
class Alternating:
    """The loop over rounds.

    Attributes:
        rounds: in their order
        reached: called with the cube at which each step ended
    """

    rounds: tuple[Round, ...]
    reached: Callable[[np.ndarray], None] = lambda cube: None

    def minimize(self, objective: Any, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Return where the last step ended; see `Optimizer`.

        Args:
            objective: the problem of which each step makes its objective
            cube: (dimension,), where to start
            budget: shared by the rounds
        """
        end = Minimum(cube, np.inf)
        for turn in self.rounds:
            part = budget.portion(turn.until)
            for step in turn.steps:
                end = step.optimizer.minimize(step.objective(objective, end.cube), end.cube, part)
                self.reached(end.cube)
        return end


@dataclass(frozen=True)
class Repeated:
    """An optimizer again and again from the best cube so far, by the objective's plain loss.

    Attributes:
        optimizer: may end at a cube with a higher loss, which is not taken then
        gain: it ends when a repetition lowered the loss by less
        times: how often at most
    """

    optimizer: Optimizer
    gain: float = 0.0
    times: int | None = None

    def minimize(self, objective: Objective, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Return the best cube, never worse than the start; see `Optimizer`."""
        best, loss, repeated = cube, float(objective.losses(cube[None])[0]), 0
        while not budget.over and (self.times is None or repeated < self.times):
            before, repeated = loss, repeated + 1
            found = self.optimizer.minimize(objective, best, budget).cube
            found_loss = float(objective.losses(found[None])[0])
            if found_loss < loss:
                best, loss = found, found_loss
            if not loss < before - self.gain:
                break
        return Minimum(best, loss, repeated)
