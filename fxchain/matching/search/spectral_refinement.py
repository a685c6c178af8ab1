"""The last steps of a search that leaves much: waveform error and spectral distance together.

Where a chain cannot become the device, the least waveform error is silence in every band whose
phase it cannot follow, or whatever a faint band happens to have. So here

    E(x) + λ·D(x),    λ = PRICE · E(start)

is minimised, E the waveform error, D the multi-resolution spectral distance, which does not depend
on phase: a distance less by 1 may raise the error by the share PRICE of itself. The Hessian is that
of E alone, so that mostly what E hardly depends on is moved.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from fxchain.matching.search.context import SearchContext, point
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.training_excerpts import SearchPoint
from fxchain.objectives.mean_error import AnyObjective
from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.parallel import BudgetShare, run_parallel
from fxchain.optim.second_order import damped_step
from fxchain.preset.effects import effects_of

#: The refinement takes place where a chain leaves so much.
WORTH_SPECTRA = 3e-3
#: How much a distance less by 1 may raise the error, as a share of it.
PRICE = 0.2
#: Most steps, the damping of the first, and how often it is raised until a step is better.
STEPS, DAMPING, ATTEMPTS = 16, 0.1, 5


def spectral_refinement_pays(state: SearchState, context: SearchContext) -> bool:
    """Tell whether a spectral refinement is worth it, and time is left.

    Only where a waveshaper has joined the chain: what pedalboard's own effects explain can be found
    exactly, and there the waveform error alone leads on.
    """
    if state.best is None or not context.leaves(state, WORTH_SPECTRA):
        return False
    effects = (each.effect.primitive for each in effects_of(state.best.stage, state.best.values))
    return any(each.purpose == "drive" and each.plugin is None for each in effects)


def refine_spectrally(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Minimise waveform error and spectral distance together, where much is left."""
    best = state.best
    if best is None or not spectral_refinement_pays(state, context):
        return state
    objective = context.error(state, best, context.excerpts(state).short)
    steps = partial(_refined, point(best), objective)
    for end in run_parallel([steps], context.budget, move.until):
        state = context.take(state, context.evaluate(state, best, end.cube))
    return state


def _refined(start: SearchPoint, objective: AnyObjective, share: BudgetShare) -> SearchPoint:
    end = SpectralRefinement().minimize(objective, start.cube, share)
    return SearchPoint(start.candidate, end.cube)


@dataclass(frozen=True)
class _Here:
    """A point, its sum of error and priced distance, and the slope of the latter.

    Attributes:
        cube: (dimension,)
        total: E + λ·D
        slope: (dimension,), of λ·D alone
    """

    cube: np.ndarray
    total: float
    slope: np.ndarray


@dataclass(frozen=True)
class SpectralRefinement:
    """Damped Gauss-Newton steps on E + λ·D.

    Attributes:
        steps: at most so many
        phase: what progress calls it
    """

    steps: int = STEPS
    phase: str = "spectra"

    def minimize(self, objective: AnyObjective, cube: np.ndarray, budget: BudgetView) -> Minimum:
        """Return a point whose sum is never worse than the start's; see `Optimizer`."""
        index = np.intersect1d(objective.jacobian_indices(), objective.autograd_indices())
        price = PRICE * float(objective.losses(cube[None])[0])
        if not len(index):
            return Minimum(cube, price / PRICE, converged=True)

        def at(cube: np.ndarray) -> _Here:
            error, distance, slope = objective.spectral(cube)
            return _Here(cube, error + price * distance, price * slope)

        here, damping, taken = at(cube), DAMPING, 0
        budget.begin()
        while taken < self.steps and not budget.over:
            plane = objective.linearize(here.cube, index)
            slope = plane.slope + 0.5 * here.slope[index]
            for _ in range(ATTEMPTS):
                moved = here.cube.copy()
                hessian = plane.gauss_newton_hessian
                step = damped_step(moved[index], hessian, slope, damping, plane.loss)
                moved[index] = np.clip(moved[index] + step, 0.0, 1.0)
                there = at(moved)
                if there.total < here.total or budget.over:
                    break
                damping *= 4.0
            gained = here.total - there.total
            budget.step(self.phase, float(plane.loss))
            taken += 1
            if not gained > 0.0:
                break
            here, damping = there, max(damping / 4.0, 1e-6)
        return Minimum(here.cube, here.total, taken, converged=taken < self.steps)
