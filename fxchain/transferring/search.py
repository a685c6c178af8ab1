"""The search for a style: gradients and evolution in turns, as in a match.

start      closed form; once with the drive at rest, once turned up
descent    gradients from both at the same time
space      evolution of rooms and echoes, only the end of the chain is played anew
descent    gradients of all that has one, from the better place
space      again, closer
descent    to the end
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from fxchain.optim.base import Budget, BudgetView
from fxchain.optim.evolution import evolve
from fxchain.optim.gradient import adam
from fxchain.optim.halting import halted_by_signals
from fxchain.optim.parallel import BudgetShare, run_parallel
from fxchain.structure.series import top_stages
from fxchain.transferring.closed_form_start import closed_form, driven
from fxchain.transferring.objective import TransferObjective

#: Shares of the budget at which the parts end.
FIRST, SPACE, SECOND, CLOSER = 0.5, 0.65, 0.85, 0.9
#: Steps of a descent at most, and their lengths on the prior's ways at the start.
STEPS, RATE = 90, 0.04
LATER_STEPS, LATER_RATE = 60, 0.02
POPULATION = 8
#: How much of the sound a turned-up drive makes up at the start.
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
    """Find the most likely values; never worse than the chain at rest.

    Args:
        objective: what is wanted
        budget: seconds or steps
        seed: of the random numbers

    Raises:
        KeyboardInterrupt: stopped before anything was found
    """
    searching = _Search(objective, budget, seed)
    interrupted = False
    try:
        with halted_by_signals(budget):
            searching.run()
    except KeyboardInterrupt:
        interrupted = True
    best, loss = searching.best, searching.loss
    return StyleSearchResult(objective.values_at(best), loss, interrupted or budget.halted)


class _Search:
    """The state of one search; `best` is the best position so far."""

    def __init__(self, objective: TransferObjective, budget: Budget, seed: int) -> None:
        self.objective, self.budget = objective, budget
        self.rng = np.random.default_rng(seed)
        self.best = objective.position(objective.base)
        self.loss = float(objective.losses(self.best[None])[0])
        self.seen = objective.autograd_indices()

    def run(self) -> None:
        """Spend the budget."""
        first = closed_form(self.objective, self.objective.base)
        turned_up = driven(self.objective, first, DRIVEN)
        starts = [self.objective.position(first)]
        if not np.allclose(turned_up, first):
            starts.append(self.objective.position(turned_up))
        for start in starts:
            self._keep(start)
        descents = [partial(self._descend, start=start) for start in starts]
        for found in run_parallel(descents, self.budget, FIRST):
            self._keep(found)
        self._evolve(SPACE, sigma=0.2)
        self._again(SECOND)
        self._evolve(CLOSER, sigma=0.06)
        self._again(1.0)

    def _descend(self, share: BudgetShare, start: np.ndarray) -> np.ndarray:
        return adam(self.objective, start, self.seen, share, steps=STEPS, rate=RATE)

    def _again(self, until: float) -> None:
        """Go on from the best place, as often as there is time."""
        part = self.budget.portion(until)
        while len(self.seen) and not part.over:
            before = self.loss
            found = adam(
                self.objective, self.best, self.seen, part, steps=LATER_STEPS, rate=LATER_RATE
            )
            self._keep(found)
            if not self.loss < before - 1e-3:
                break

    def _evolve(self, until: float, sigma: float) -> None:
        """Move what autograd does not see."""
        searched = self.objective.evolution_indices()
        part: BudgetView = self.budget.portion(until)
        if not len(searched) or part.over:
            return
        split, place = 0, 0
        for stage in top_stages(self.objective.stage):
            if any(not slot.autograd_sees for slot in stage.slots()):
                break
            split, place = split + 1, place + stage.size
        offset = int(self.objective.free[:place].sum())
        end = self.objective.end(split, self.best)
        found, _ = evolve(
            end,
            self.best[offset:],
            searched - offset,
            part,
            seed=int(self.rng.integers(2**31)),
            population=POPULATION,
            generations=12,
            sigma=sigma,
            suggestions=tuple(self._rooms(end, self.best[offset:])),
        )
        self._keep(np.concatenate([self.best[:offset], found]))

    def _rooms(self, end: TransferObjective, here: np.ndarray) -> list[np.ndarray]:
        """Return some rooms to try."""
        wet, room = end.named("reverb.wet_level"), end.named("reverb.room_size")
        if not len(wet) or not len(room):
            return []
        found = []
        for level, size in ROOMS:
            values = end.values_at(here)
            places = np.flatnonzero(end.free)
            values[places[wet[0]]], values[places[room[0]]] = level, size
            found.append(end.position(values))
        return found

    def _keep(self, position: np.ndarray) -> None:
        """Remember a position if it is better."""
        loss = float(self.objective.losses(position[None])[0])
        if loss < self.loss:
            self.best, self.loss = position, loss
