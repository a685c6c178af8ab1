"""Changed chains, refitted by a few second-order steps in turns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.matching.search.elimination_refit import evaluated
from fxchain.matching.search.left_out import best_gain_db, residual_of
from fxchain.objectives.excerpt import Excerpt, choose_excerpts, exactly
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate

#: Length of what is compared, s.
EXCERPT_SECONDS = 1.0
#: Most steps of each chain in each turn, and their first dampings: a small one follows narrow
#: valleys in which a larger one stalls.
TURNS = ((2, 1e-2), (4, 1e-2), (8, 1e-6))
#: A chain has ended when a turn lowers its error to no less than this share.
ENDED = 0.98
#: … or when its error is this small.
EXACT = 1e-12
PHASE = "findings"


@dataclass(frozen=True, eq=False)
class Refit:
    """Refits candidates on one excerpt of each recording, without a loudness weighting
    and without rounding of filters.

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
        excerpts = exactly(choose_excerpts(problems, EXCERPT_SECONDS, loudness_weighting=0.0))
        return cls(excerpts, problems[0].sample_rate, budget)

    def objective(self, candidate: Candidate) -> AnyObjective:
        """Return the error of a candidate."""
        return make_objective(
            candidate.stage, candidate.values, candidate.free, self.excerpts, self.sample_rate
        )

    def evaluated(self, candidate: Candidate) -> Candidate:
        """Return a candidate with its error."""
        return evaluated(candidate, self.objective)

    def in_turns(self, candidates: Sequence[Candidate], enough: Sequence[float]) -> list[Candidate]:
        """Refit candidates in turns, so that each gets its part of the budget.

        Args:
            candidates: evaluated
            enough: of each, the error below which it need not be refitted any more

        Returns:
            each at the end; without a loss where the budget was over before its first turn
        """
        found = list(candidates)
        refitted = [loss_of(each) <= least for each, least in zip(found, enough, strict=True)]
        open_ends = [at for at, done in enumerate(refitted) if not done]
        for steps, damping in TURNS:
            for at in tuple(open_ends):
                if self.budget.over:
                    break
                before = loss_of(found[at])
                found[at] = self._stepped(found[at], steps, damping)
                refitted[at] = True
                after = loss_of(found[at])
                if after > ENDED * before or after <= max(enough[at], EXACT):
                    open_ends.remove(at)
        pairs = zip(found, refitted, strict=True)
        return [each if done else each.at(each.values) for each, done in pairs]

    def _stepped(self, candidate: Candidate, steps: int, damping: float) -> Candidate:
        """Return where second-order steps lead from a candidate."""
        objective = self.objective(candidate)
        if not len(objective.jacobian_indices()):
            return candidate
        self.budget.begin()
        optimizer = LevenbergMarquardt(steps, damping, reuse_jacobian=True, phase=PHASE)
        found = optimizer.minimize(objective, objective.cube(candidate.values), self.budget)
        if not found.loss < loss_of(candidate):
            return candidate
        return candidate.at(objective.values(found.cube), found.loss)

    def gain_db(self, candidate: Candidate) -> float:
        """Return the gain that brings a candidate closest to the wet, dB."""
        residual = residual_of(candidate, self.objective)
        return best_gain_db(residual, self.objective(candidate).target)


def loss_of(candidate: Candidate) -> float:
    """Return the error of a candidate; infinite where it has none or none is finite."""
    loss = candidate.loss
    return np.inf if loss is None or not np.isfinite(loss) else loss
