"""Evolution by Nevergrad: whole populations are asked for and told."""

import threading
import warnings
from dataclasses import dataclass

import numpy as np

from fxchain.optim.base import EvolvableObjective, Minimum
from fxchain.optim.budget import BudgetView

#: Filters of warnings and numpy's own random numbers are the whole process's: one thread at a time
#: changes them, and gives them back.
_GLOBALS = threading.Lock()


@dataclass(frozen=True)
class Evolution:
    """CMA-ES over the coordinates of which no derivative is known.

    Attributes:
        seed: of the random numbers
        population: candidates in a generation
        generations: at most so many; each is one step of the budget
        sigma: standard deviation of the first generation, in the cube
        suggestions: cubes to be tried in the first generation
        phase: what progress calls it

    Source:
        Hansen's CMA-ES as Nevergrad runs it, through ask and tell.
    """

    seed: int
    population: int = 16
    generations: int = 8
    sigma: float = 0.15
    suggestions: tuple[np.ndarray, ...] = ()
    phase: str = "evolution"

    def minimize(
        self, objective: EvolvableObjective, cube: np.ndarray, budget: BudgetView
    ) -> Minimum:
        """Return the best cube met, never worse than the start; see `Optimizer`."""
        index, taken = objective.evolution_indices(), 0
        best, best_loss = cube.copy(), float(objective.losses(cube[None])[0])
        if not len(index):
            return Minimum(best, best_loss, converged=True)
        idle = np.full(max(2 - len(index), 0), 0.5)  # CMA-ES has two coordinates at least
        search = _cma(
            np.append(cube[index], idle), self.sigma, self.population, self.generations, self.seed
        )
        budget.begin()
        for generation in range(self.generations):
            if budget.over:
                break
            candidates = [search.ask() for _ in range(self.population)]
            tried = np.repeat(cube[None], self.population, axis=0)
            values = np.array([candidate.value for candidate in candidates])
            tried[:, index] = np.clip(values[:, : len(index)], 0.0, 1.0)
            suggested = self.suggestions[: self.population] if generation == 0 else ()
            for slot, suggestion in enumerate(suggested):
                tried[slot] = suggestion
            losses = objective.losses(tried)
            for slot, (candidate, loss) in enumerate(zip(candidates, losses, strict=True)):
                if slot < len(suggested):
                    value = np.append(tried[slot][index], idle)
                    candidate = search.parametrization.spawn_child(new_value=value)
                search.tell(candidate, float(loss))
            first = int(np.argmin(losses))
            if losses[first] < best_loss:
                best, best_loss = tried[first].copy(), float(losses[first])
            budget.step(self.phase, best_loss)
            taken += 1
        return Minimum(best, best_loss, taken, converged=taken == self.generations)


def _cma(centre: np.ndarray, sigma: float, population: int, generations: int, seed: int):  # type: ignore[no-untyped-def]
    import nevergrad as ng

    with _GLOBALS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawn = np.random.get_state()  # nevergrad draws first seeds from it, used or not
        array = ng.p.Array(init=centre).set_mutation(sigma=sigma)
        array = array.set_bounds(0.0, 1.0, method="clipping")
        array.random_state = np.random.RandomState(seed)
        make = ng.optimizers.ParametrizedCMA(scale=1.0, popsize=population)
        search = make(
            parametrization=array, budget=population * generations, num_workers=population
        )
        np.random.set_state(drawn)
    return search
