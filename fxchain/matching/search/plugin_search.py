"""The search for the settings of plug-ins of other makers, of which only the output is known.

A chain that is nearer to the wet without the inversion at its end loses it; then

for each start, on longer and longer excerpts:
    the best of a population, evolved    quiet bands count as loud ones; then the best of choices
    second-order steps, by differences   quiet bands count as loud ones, in between, the plain error
    delays by the sample
    choices                              each text of each choice, the best with steps again
    second-order steps                   where the error on the longest is near the best so far

In a chain with delays a start is drawn around settings whose echo is heard, one echo after the
other and then one anywhere, and keeps their choices; second-order steps move the times too.

All of a population, and all that is played for a Jacobian, is asked of a plug-in's process at once.
The search ends where nothing is left to be explained.
"""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.delay_reverb_evolution import DelaySamples
from fxchain.matching.search.descend_from_starts import begin
from fxchain.matching.search.plugin_delays import HeardDelay, MovingDelays
from fxchain.matching.search.plugin_errors import PluginErrors, plugin_echoes, plugin_errors
from fxchain.matching.search.plugin_polarity import without_needless_inversion
from fxchain.matching.search.second_order_steps import quick
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.optim.parallel import BudgetShare, run_parallel
from fxchain.structure.criterion import FLOOR

#: So many settings are drawn for a start; the best of them is evolved.
DRAWN = 24
#: Candidates of a generation, generations of a start, and the spread of the first in the cube.
POPULATION, GENERATIONS, SPREAD = 12, 4, 0.15
#: Second-order steps by each weighted error, by the plain one, behind another choice, and on the
#: longest excerpts where the error is less than so many times the best.
WEIGHTED, STEPS, STEPS_OF_CHOICE, LAST_STEPS, PROMISING = 15, 20, 4, 10, 4.0
#: Of the texts of a choice so many are followed by second-order steps.
CHOICES_FOLLOWED = 3
#: Steps and delays by the sample take turns so often at most.
TURNS = 3


@dataclass(frozen=True)
class PluginSearch:
    """Evolution and second-order steps in turns, from one start after the other.

    Attributes:
        seed: of the random numbers
        anywhere: the first start too is drawn, instead of the given cube
        echoes: delay times that are tried, one start after the other, then none of them
        solved: set where nothing is left to be explained; others that share it end too
    """

    seed: int
    anywhere: bool = False
    echoes: Sequence[HeardDelay] = ()
    solved: threading.Event = field(default_factory=threading.Event)

    def minimize(self, errors: PluginErrors, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Return the best cube met by the last of the errors, never worse than the start."""
        rng = np.random.default_rng(self.seed)
        best = _at(errors.last, cube)
        drawn, heard = self.anywhere, itertools.cycle([*self.echoes, None])
        while not budget.over and best.loss > FLOOR and not self.solved.is_set():
            start = self._start(errors.first, cube, drawn, next(heard), rng, budget)
            found = _at(errors.last, self._descend(errors, start, budget).cube)
            if found.loss < PROMISING * best.loss:
                found = _refined(errors.last, found, LAST_STEPS, budget)
            best = found if found.loss < best.loss else best
            drawn = True
        if best.loss <= FLOOR:
            self.solved.set()
        return best

    def _start(
        self,
        coarse: AnyObjective,
        cube: np.ndarray,
        drawn: bool,
        echo: HeardDelay | None,
        rng: np.random.Generator,
        budget: BudgetView,
    ) -> np.ndarray:
        """Return the best of settings that are drawn, evolved, with the best of choices."""
        population = np.array([_drawn(coarse, cube, echo, rng) for _ in range(DRAWN)])
        if not drawn and echo is None:
            population[0] = cube
        budget.begin()
        losses = coarse.losses(population)
        first = int(np.argmin(losses))
        budget.step("starts", float(losses[first]))
        evolution = Evolution(
            seed=int(rng.integers(2**31)),
            population=POPULATION,
            generations=GENERATIONS,
            sigma=SPREAD,
        )
        found = evolution.minimize(_ContinuousKnobs(coarse), population[first], budget)
        return found.cube if echo is not None else _best_choices(coarse, found).cube

    def _descend(self, errors: PluginErrors, start: np.ndarray, budget: BudgetView) -> Minimum:
        """Return where one start leads, by the plain error."""
        plain, cube = errors.plain, start
        for weighted in errors.weighted:
            cube = cube if budget.over else _stepped(weighted, cube, WEIGHTED, budget).cube
        losses = plain.losses(np.array([start, cube]))
        nearer = int(np.argmin(losses))
        found = Minimum((start, cube)[nearer], float(losses[nearer]))
        found = _refined(plain, found, STEPS, budget)
        chosen = _with_choices(plain, found, budget)
        return chosen if chosen is found else _refined(plain, chosen, STEPS, budget)


def _drawn(
    objective: AnyObjective, cube: np.ndarray, echo: HeardDelay | None, rng: np.random.Generator
) -> np.ndarray:
    """Return random settings; choices are as they are in every other.

    Of an echo that is heard the time, the choices and about half of the other knobs are as heard.
    """
    start, index = cube.copy(), objective.evolution_indices()
    start[index] = rng.uniform(size=len(index))
    choices = [at for at in index if objective.slots[at].spec.choices]
    if echo is not None:
        kept = [
            *choices,
            *objective.quantized_indices(),
            *index[rng.uniform(size=len(index)) < 0.5],
        ]
        start[kept] = echo.cube[kept]
    elif rng.uniform() < 0.5:
        start[choices] = cube[choices]
    return start


@dataclass(frozen=True)
class _ContinuousKnobs:
    """An objective of which evolution moves neither choices nor delays of whole samples."""

    objective: AnyObjective

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of cubes (population, dimension)."""
        return self.objective.losses(population)

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates that autograd does not see, and that move continuously."""
        index = self.objective.evolution_indices()
        choices = [at for at in index if self.objective.slots[at].spec.choices]
        return np.setdiff1d(index, [*choices, *self.objective.quantized_indices()])


def search_plugins(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Search the settings of the template's plug-ins, as many starts at a time as threads."""
    state, seed = state.drawn(lambda rng: int(rng.integers(2**31)))
    candidate = context.template.candidate
    echoes = plugin_echoes(state, context, candidate, seed)
    if context.template.inverted:
        candidate = without_needless_inversion(
            candidate, lambda of: plugin_errors(state, context, of, echoes).first, seed
        )
    errors = plugin_errors(state, context, candidate, echoes)
    cube = begin(candidate, context)[1]
    solved, searches = threading.Event(), []
    for number in range(context.threads):
        state, seed = state.drawn(lambda rng: int(rng.integers(2**31)))
        # of a budget in steps what is found must not depend on which thread is faster
        shared = threading.Event() if context.budget.seconds is None else solved
        order = sorted(range(len(echoes)), key=lambda at: at % context.threads != number)
        tried = [echoes[at] for at in order]
        search = PluginSearch(seed, anywhere=number > 0, echoes=tried, solved=shared)
        searches.append(partial(_minimum, search, errors, cube))
    for found in run_parallel(searches, context.budget, move.until):
        state = context.keep(state, candidate, found.cube)
    return state


def _minimum(
    search: PluginSearch, errors: PluginErrors, cube: np.ndarray, share: BudgetShare
) -> Minimum:
    return search.minimize(errors, cube, share)


def _at(objective: AnyObjective, cube: np.ndarray) -> Minimum:
    return Minimum(cube, float(objective.losses(cube[None])[0]))


def _stepped(objective: AnyObjective, cube: np.ndarray, steps: int, budget: BudgetView) -> Minimum:
    """Return where second-order steps lead, delay times included."""
    moved = MovingDelays(objective) if len(objective.quantized_indices()) else objective
    return quick(steps, "second order").minimize(moved, cube, budget)


def _refined(objective: AnyObjective, start: Minimum, steps: int, budget: BudgetView) -> Minimum:
    """Return where second-order steps and delays by the sample lead in turns."""
    best = start
    for _ in range(TURNS):
        if budget.over:
            return best
        found = _stepped(objective, best.cube, steps, budget)
        best = found if found.loss < best.loss else best
        moved = DelaySamples().minimize(objective, best.cube, budget)
        if not moved.loss < best.loss:
            return best
        best = moved
    return best


def _with_choices(objective: AnyObjective, start: Minimum, budget: BudgetView) -> Minimum:
    """Return the best with other texts of one choice after the other."""
    best = start
    for coordinate, slot in enumerate(objective.slots):
        if not slot.spec.choices or budget.over or best.loss <= FLOOR:
            continue
        tried = _other_choices(best.cube, coordinate, len(slot.spec.choices))
        losses = objective.losses(np.array(tried))
        heard = losses != best.loss  # of a choice that changes nothing no text is followed
        for index in [at for at in np.argsort(losses) if heard[at]][:CHOICES_FOLLOWED]:
            other = Minimum(tried[index], float(losses[index]))
            other = _refined(objective, other, STEPS_OF_CHOICE, budget)
            best = other if other.loss < best.loss else best
    return best


def _best_choices(objective: AnyObjective, start: Minimum) -> Minimum:
    """Return the best with one choice after the other at its best, other knobs as they are."""
    best = start
    for coordinate, slot in enumerate(objective.slots):
        if slot.spec.choices:
            tried = np.array(_other_choices(best.cube, coordinate, len(slot.spec.choices)))
            losses = objective.losses(tried)
            least = int(np.argmin(losses))
            if losses[least] < best.loss:
                best = Minimum(tried[least], float(losses[least]))
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
