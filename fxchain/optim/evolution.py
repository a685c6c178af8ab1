"""Evolution by Nevergrad: whole populations are asked for and told."""

import threading
import warnings

import numpy as np

from fxchain.optim.base import BudgetView, Objective

#: Filters of warnings and numpy's own random numbers are the whole process's: one thread at a time
#: changes them, and gives them back.
_GLOBALS = threading.Lock()


def evolve(
    objective: Objective,
    cube: np.ndarray,
    index: np.ndarray,
    meter: BudgetView,
    *,
    seed: int,
    population: int = 16,
    generations: int = 8,
    sigma: float = 0.15,
    suggestions: tuple[np.ndarray, ...] = (),
    phase: str = "evolution",
) -> tuple[np.ndarray, float]:
    """Search the coordinates `index` and return the best cube met and its loss.

    Args:
        objective: anything over the cube
        cube: (dimension,), centre of the search
        index: coordinates that may move; the others stay
        meter: the budget; one step a generation
        seed: of the random numbers
        population: candidates in a generation
        generations: at most so many
        sigma: spread of the first generation, in the cube
        suggestions: cubes to be tried in the first generation
        phase: what progress calls it

    Returns:
        never worse than `cube`

    Source:
        Hansen's CMA-ES as Nevergrad runs it, through ask and tell.
    """
    best, best_loss = cube.copy(), float(objective.losses(cube[None])[0])
    if not len(index):
        return best, best_loss
    search = _cma(cube[index], sigma, population, generations, seed)
    meter.begin()
    for generation in range(generations):
        if meter.over:
            break
        candidates = [search.ask() for _ in range(population)]
        tried = np.repeat(cube[None], population, axis=0)
        tried[:, index] = np.clip([candidate.value for candidate in candidates], 0.0, 1.0)
        if generation == 0:
            for slot, suggestion in enumerate(suggestions[:population]):
                tried[slot] = suggestion
        losses = objective.losses(tried)
        for slot, (candidate, loss) in enumerate(zip(candidates, losses, strict=True)):
            if generation == 0 and slot < len(suggestions):
                candidate = search.parametrization.spawn_child(new_value=tried[slot][index])
            search.tell(candidate, float(loss))
        first = int(np.argmin(losses))
        if losses[first] < best_loss:
            best, best_loss = tried[first].copy(), float(losses[first])
        meter.step(phase, best_loss)
    return best, best_loss


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
