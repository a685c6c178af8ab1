"""The search for the settings of plug-ins of other makers, of which only the output is known.

for each start:
    evolution                of what autograd does not see, choices included
    second-order steps       over all knobs that have a derivative, by differences
    choices                  each text of each choice, the best with second-order steps again
    delays by the sample
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.delay_reverb_evolution import DelaySamples, Echoes, delay_position
from fxchain.matching.search.descend_from_starts import begin
from fxchain.matching.search.second_order_steps import quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.optim.parallel import BudgetShare, run_parallel
from fxchain.structure.criterion import FLOOR

#: Candidates of a generation, generations of a start, and the spread of the first in the cube.
POPULATION, GENERATIONS, SPREAD = 12, 10, 0.25
#: Second-order steps behind an evolution, and behind another choice.
STEPS, STEPS_OF_CHOICE = 15, 4
#: Of the texts of a choice so many are followed by second-order steps.
CHOICES_FOLLOWED = 3


@dataclass(frozen=True)
class PluginSearch:
    """Evolution and second-order steps in turns, from one start after the other.

    Attributes:
        seed: of the random numbers
        anywhere: the first start too is drawn, instead of the given cube
        echoes: delay times that are tried first
    """

    seed: int
    anywhere: bool = False
    echoes: Echoes = ()

    def minimize(self, objective: AnyObjective, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Return the best cube met, never worse than the start; see `Optimizer`."""
        rng = np.random.default_rng(self.seed)
        best = Minimum(cube, float(objective.losses(cube[None])[0]))
        start = self._drawn(objective, cube, rng) if self.anywhere else cube
        while not budget.over and best.loss > FLOOR:
            found = self._descend(objective, start, int(rng.integers(2**31)), budget)
            best = found if found.loss < best.loss else best
            start = self._drawn(objective, cube, rng)
        return best

    def _drawn(
        self, objective: AnyObjective, cube: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Return a random start: delays at an echo, choices as they are in every other."""
        start, index = cube.copy(), objective.evolution_indices()
        start[index] = rng.uniform(size=len(index))
        choices = [at for at in index if objective.slots[at].spec.choices]
        if rng.uniform() < 0.5:
            start[choices] = cube[choices]
        for coordinate in objective.quantized_indices() if self.echoes else ():
            samples, _ = self.echoes[int(rng.integers(len(self.echoes)))]
            start[coordinate] = delay_position(
                objective, int(coordinate), samples, objective.sample_rate
            )
        return start

    def _descend(
        self, objective: AnyObjective, cube: np.ndarray, seed: int, budget: BudgetView
    ) -> Minimum:
        """Return where one start leads; delays that are at an echo stay near it."""
        evolution = Evolution(
            seed=seed, population=POPULATION, generations=GENERATIONS, sigma=SPREAD
        )
        evolved = _DelaysHeld(objective) if self.echoes else objective
        found = evolution.minimize(evolved, cube, budget)
        found = _refined(objective, found, STEPS, budget)
        return _with_choices(objective, found, budget)


@dataclass(frozen=True)
class _DelaysHeld:
    """An objective of which evolution moves all but the delays of whole samples."""

    objective: AnyObjective

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes (population, dimension)."""
        return self.objective.losses(population)

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates that autograd does not see and that are no delays."""
        held = self.objective.quantized_indices()
        return np.setdiff1d(self.objective.evolution_indices(), held)


def search_plugins(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Search the settings of the template's plug-ins, as many starts at a time as threads."""
    candidate = context.template.candidate
    objective = context.error(state, candidate, context.excerpts(state).training.brief)
    cube = begin(candidate, context)[1]
    searches = []
    for number in range(context.threads):
        state, seed = state.drawn(lambda rng: int(rng.integers(2**31)))
        search = PluginSearch(seed, anywhere=number > 0, echoes=context.echoes)
        searches.append(partial(_minimum, search, objective, cube))
    for found in run_parallel(searches, context.budget, move.until):
        state = context.keep(state, candidate, found.cube)
    return state


def _minimum(
    search: PluginSearch, objective: AnyObjective, cube: np.ndarray, share: BudgetShare
) -> Minimum:
    return search.minimize(objective, cube, share)


def _refined(objective: AnyObjective, start: Minimum, steps: int, budget: BudgetView) -> Minimum:
    """Return where second-order steps and delays by the sample lead."""
    if budget.over:
        return start
    found = quick(steps, "second order").minimize(objective, start.cube, budget)
    found = found if found.loss < start.loss else start
    moved = DelaySamples().minimize(objective, found.cube, budget)
    return moved if moved.loss < found.loss else found


def _with_choices(objective: AnyObjective, start: Minimum, budget: BudgetView) -> Minimum:
    """Return the best with other texts of one choice after the other."""
    best = start
    for coordinate, slot in enumerate(objective.slots):
        if not slot.spec.choices or budget.over:
            continue
        tried = _other_choices(best.cube, coordinate, len(slot.spec.choices))
        losses = objective.losses(np.array(tried))
        for index in np.argsort(losses)[:CHOICES_FOLLOWED]:
            other = Minimum(tried[index], float(losses[index]))
            other = _refined(objective, other, STEPS_OF_CHOICE, budget)
            best = other if other.loss < best.loss else best
    return best


def _other_choices(cube: np.ndarray, coordinate: int, count: int) -> Sequence[np.ndarray]:
    """Return the cube with each other value of a choice."""
    here = round(cube[coordinate] * (count - 1))
    tried = []
    for value in range(count):
        if value != here:
            other = cube.copy()
            other[coordinate] = value / (count - 1)
            tried.append(other)
    return tried
