"""The search for a style: gradients and evolution in turns, as in a match.

start      closed form; once with the drive neutral, once turned up
round 1    Adam from both at the same time, the better one goes on
round 2    evolution of what autograd does not see (delay, reverb), then Adam over the rest
round 3    the same with a smaller spread, to the end
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from fxchain.optim.alternating import Alternating, Repeated, Round, Step
from fxchain.optim.base import Minimum
from fxchain.optim.budget import Budget, BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.optim.gradient import Adam
from fxchain.optim.halting import halted_by_signals
from fxchain.optim.parallel import BudgetShare, run_parallel
from fxchain.structure.series import seen_by_autograd
from fxchain.transferring.closed_form_start import closed_form, driven
from fxchain.transferring.objective import TransferObjective

#: Shares of the budget at which the turns of gradient and evolution end.
FIRST, SPACE, SECOND, CLOSER = 0.5, 0.65, 0.85, 0.9
#: Standard deviations of the first generation of each evolution.
SPREADS = (0.2, 0.06)
#: Steps of a descent at most, and their lengths in the cube at the start.
STEPS, RATE = 90, 0.04
LATER_STEPS, LATER_RATE = 60, 0.02
#: A descent is repeated while it lowers the loss by this.
GAIN = 1e-3
POPULATION, GENERATIONS = 8, 12
#: Weight of a turned-up drive at the start.
DRIVEN = 0.7
#: Rooms that are tried first: wet level, room size.
ROOMS = ((0.08, 0.3), (0.15, 0.6), (0.3, 0.4), (0.3, 0.8))


@dataclass(frozen=True, eq=False)
class StyleSearchResult:
    """Where a search ended.

    Attributes:
        values: (size,), physical
        loss: there
        interrupted: the user stopped it
    """

    values: np.ndarray
    loss: float
    interrupted: bool


def search(objective: TransferObjective, budget: Budget, seed: int) -> StyleSearchResult:
    """Find the most likely values; never worse than the chain at its neutral values.

    Args:
        objective: the negative logarithm of the likelihood
        budget: seconds or steps
        seed: of the random numbers
    """
    best = _Best(objective, objective.position(objective.base))
    interrupted = False
    try:
        with halted_by_signals(budget):
            for cube in _descended_starts(objective, budget, best):
                best.keep(cube)
            loop = Alternating(_rounds(objective, seed), reached=best.keep)
            loop.minimize(objective, best.cube, budget)
    except KeyboardInterrupt:
        interrupted = True
    values = objective.values_at(best.cube)
    return StyleSearchResult(values, best.loss, interrupted or budget.halted)


@dataclass
class _Best:
    """The best cube met so far, which an interruption leaves."""

    objective: TransferObjective
    cube: np.ndarray
    loss: float = field(init=False)

    def __post_init__(self) -> None:
        self.loss = self._loss(self.cube)

    def _loss(self, cube: np.ndarray) -> float:
        return float(self.objective.losses(cube[None])[0])

    def keep(self, cube: np.ndarray) -> None:
        """Remember a cube if it is better."""
        loss = self._loss(cube)
        if loss < self.loss:
            self.cube, self.loss = cube, loss


def _descended_starts(
    objective: TransferObjective, budget: Budget, best: _Best
) -> Sequence[np.ndarray]:
    """Descend from the closed-form starts at the same time."""
    first = closed_form(objective, objective.base)
    turned_up = driven(objective, first, DRIVEN)
    starts = [objective.position(first)]
    if not np.allclose(turned_up, first):
        starts.append(objective.position(turned_up))
    for start in starts:
        best.keep(start)
    descents = [partial(_descended, objective, start) for start in starts]
    return run_parallel(descents, budget, FIRST)


def _descended(objective: TransferObjective, start: np.ndarray, share: BudgetShare) -> np.ndarray:
    return Adam(STEPS, RATE).minimize(objective, start, share).cube


def _rounds(objective: TransferObjective, seed: int) -> tuple[Round, ...]:
    """Return evolution and gradient in turns; of what has no coordinates there is no round."""
    rng = np.random.default_rng(seed)
    gradient = Step(Repeated(Adam(LATER_STEPS, LATER_RATE), gain=GAIN))
    rounds: list[Round] = []
    for spread, evolved, descended in zip(SPREADS, (SPACE, CLOSER), (SECOND, 1.0), strict=True):
        if len(objective.evolution_indices()):
            evolution = Repeated(TailEvolution(rng, spread), times=1)
            rounds.append(Round((Step(evolution),), evolved))
        if len(objective.autograd_indices()):
            rounds.append(Round((gradient,), descended))
    return tuple(rounds)


@dataclass(frozen=True)
class TailEvolution:
    """Evolution of what autograd does not see; what stands before it is played only once.

    Attributes:
        rng: where the candidates come from
        sigma: standard deviation of the first generation
    """

    rng: np.random.Generator
    sigma: float

    def minimize(
        self, objective: TransferObjective, cube: np.ndarray, budget: BudgetView
    ) -> Minimum:
        """Return the best cube met; see `Optimizer`."""
        if budget.over:
            return Minimum(cube, np.inf)
        count, size = seen_by_autograd(objective.stage)
        offset = int(objective.free[:size].sum())
        end = objective.end(count, cube)
        evolution = Evolution(
            seed=int(self.rng.integers(2**31)),
            population=POPULATION,
            generations=GENERATIONS,
            sigma=self.sigma,
            suggestions=tuple(_rooms(end, cube[offset:])),
        )
        found = evolution.minimize(end, cube[offset:], budget)
        return Minimum(np.concatenate([cube[:offset], found.cube]), found.loss, found.steps)


def _rooms(end: TransferObjective, here: np.ndarray) -> list[np.ndarray]:
    """Return some rooms to try."""
    wet, room = (end.controls("space", name) for name in ("wet_level", "room_size"))
    if not len(wet) or not len(room):
        return []
    found = []
    for level, size in ROOMS:
        values = end.values_at(here)
        places = np.flatnonzero(end.free)
        values[places[wet[0]]], values[places[room[0]]] = level, size
        found.append(end.position(values))
    return found
