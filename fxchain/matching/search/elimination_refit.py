"""The refit of a candidate that has lost some units."""

import math
from dataclasses import dataclass

from fxchain.matching.search.left_out import MakeError
from fxchain.optim.budget import BudgetPortion, BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.structure.candidate import Candidate

#: A refit is given up where its first steps leave so many times more than it may.
HOPELESS = 100.0
#: Steps end below this error.
ENOUGH = 1e-11
PHASE = "elimination"


#: Steps and first damping of the parts of a refit: a small damping follows narrow valleys in which
#: a larger one stalls. In the loose pass, and in all that follows.
QUICK, THOROUGH = ((6, 1e-2),), ((8, 1e-2), (20, 1e-6))
Effort = tuple[tuple[int, float], ...]


def evaluated(candidate: Candidate, make_error: MakeError) -> Candidate:
    """Return a candidate with its loss."""
    error = make_error(candidate)
    loss = float(error.losses(error.cube(candidate.values)[None])[0])
    return candidate.at(candidate.values, loss)


def refitted(
    candidate: Candidate,
    make_error: MakeError,
    effort: Effort,
    budget: BudgetView,
    bound: float = math.inf,
) -> Candidate:
    """Return where second-order steps lead from a candidate, evaluated.

    Args:
        candidate: where they begin
        make_error: gives the error of a candidate
        effort: how many there are
        budget: ends them
        bound: of the error; it is given up where the first steps end far above it
    """
    error = make_error(candidate)
    cube, limited = error.cube(candidate.values), _UntilExact(budget)
    if not len(error.jacobian_indices()):
        return evaluated(candidate, make_error)
    loss = math.inf
    for steps, damping in effort:
        optimizer = LevenbergMarquardt(steps, damping, reuse_jacobian=True, phase=PHASE)
        found = optimizer.minimize(error, cube, limited)
        cube, loss = found.cube, found.loss
        if limited.over or loss > HOPELESS * bound:
            break
    return candidate.at(error.values(cube), loss)


@dataclass
class _UntilExact:
    """A budget that is over when the error is exact."""

    whole: BudgetView
    _exact: bool = False

    @property
    def over(self) -> bool:
        """Tell whether it is used up."""
        return self._exact or self.whole.over

    @property
    def used(self) -> float:
        """Return the share that is used up."""
        return self.whole.used

    def begin(self) -> None:
        """Let the length of the next step count from now on."""
        self.whole.begin()

    def step(self, phase: str, loss: float) -> None:
        """Count a step."""
        self.whole.step(phase, loss)
        self._exact = loss < ENOUGH

    def portion(self, until: float) -> BudgetPortion:
        """Return the part of this one up to a share of it."""
        return BudgetPortion(self, until)
