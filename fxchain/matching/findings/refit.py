"""A changed chain, refitted by a few second-order steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.matching.search.elimination_forecast import best_gain_db, residual_of
from fxchain.objectives.excerpt import Excerpt, choose_excerpts
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate

#: Length of what is compared, s.
EXCERPT_SECONDS = 2.0
#: Steps of one refit, from each of these dampings.
STEPS, DAMPINGS = 8, (1e-2, 1e-6)
PHASE = "findings"


@dataclass(frozen=True, eq=False)
class Refit:
    """Refits candidates on one excerpt, without a loudness weighting.

    Attributes:
        excerpts: what is compared
        sample_rate: Hz
        budget: ends it
    """

    excerpts: tuple[Excerpt, ...]
    sample_rate: int
    budget: BudgetView

    @classmethod
    def on(cls, problems: Sequence[Problem], budget: BudgetView) -> "Refit":
        """Return what refits on the loudest part of each problem."""
        excerpts = choose_excerpts(problems, EXCERPT_SECONDS, loudness_weighting=0.0)
        return cls(excerpts, problems[0].sample_rate, budget)

    def objective(self, candidate: Candidate) -> AnyObjective:
        """Return the error of a candidate."""
        return make_objective(
            candidate.stage, candidate.values, candidate.free, self.excerpts, self.sample_rate
        )

    def error(self, candidate: Candidate) -> float:
        """Return the error at which second-order steps from a candidate end."""
        objective = self.objective(candidate)
        cube = objective.cube(candidate.values)
        loss = float(objective.losses(cube[None])[0])
        if not len(objective.jacobian_indices()):
            return loss
        for damping in DAMPINGS:
            if self.budget.over:
                break
            steps = LevenbergMarquardt(STEPS, damping, reuse_jacobian=True, phase=PHASE)
            found = steps.minimize(objective, cube, self.budget)
            cube, loss = found.cube, min(found.loss, loss)
        return loss

    def gain_db(self, candidate: Candidate) -> float:
        """Return the gain that brings a candidate closest to the wet, dB."""
        residual = residual_of(candidate, self.objective)
        return best_gain_db(residual, self.objective(candidate).target)


def finite(value: float) -> bool:
    """Tell whether an error can be reported."""
    return bool(np.isfinite(value))
