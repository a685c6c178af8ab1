"""From a fitted candidate ever simpler ones, each refitted, down to the empty chain.

Two passes, since a tight bound at once stalls where many units do the work of few:

    loose    up to `MOST_AT_ONCE` units at once, while ln(E) falls by less than `LOOSE` for a knob
    exact    one unit after the other from the least price, while the price falls

Then the units that cost least, one after the other, until nothing is left: what a user may choose.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from fxchain.matching.search.elimination_forecast import Forecast, MakeError
from fxchain.optim.budget import BudgetPortion, BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.stage import ids_by_path
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import FLOOR, complexity, price_of
from fxchain.structure.removal import compatible, level_path, removable_units, with_level

#: Most units that go at once.
MOST_AT_ONCE = 8
#: In the loose pass a knob may go where ln(E) rises by less than this.
LOOSE = 0.5
#: … and where the error is at most this many times what it was, beside what is just audible.
GROWTH, AUDIBLE = 1.5, 1e-5
#: Units that are tried in the exact pass before it ends.
ATTEMPTS = 4
#: A refit is given up where its first steps leave so many times more than it may.
HOPELESS = 100.0
#: Steps end below this error.
ENOUGH = 1e-11
PHASE = "elimination"


#: Steps and first damping of the parts of a refit: a small damping follows narrow valleys in which
#: a larger one stalls. In the loose pass, and in all that follows.
QUICK, THOROUGH = ((6, 1e-2),), ((8, 1e-2), (20, 1e-6))
Effort = tuple[tuple[int, float], ...]


def eliminate(
    candidate: Candidate, make_error: MakeError, budget: BudgetView, to_nothing: bool = True
) -> list[Candidate]:
    """Return ever simpler candidates, each refitted, with their losses.

    Args:
        candidate: where to start, fitted
        make_error: gives the error of a candidate, on short excerpts
        budget: ends it
        to_nothing: go on behind the least price until nothing is left that may go

    Returns:
        the start, and one candidate for each step of the path; the knobs do not grow
    """
    path = _Path(make_error, budget)
    path.add(path.evaluated(candidate))
    path.loose()
    path.exact()
    path.exact(level=True)
    if to_nothing:
        path.to_nothing()
    return path.candidates


@dataclass
class _Path:
    """The candidates so far.

    Attributes:
        make_error: gives the error of a candidate
        budget: ends it
        candidates: evaluated
    """

    make_error: MakeError
    budget: BudgetView
    candidates: list[Candidate] = field(default_factory=list)

    def add(self, candidate: Candidate) -> None:
        """Keep an evaluated candidate."""
        self.candidates.append(candidate)

    def evaluated(self, candidate: Candidate) -> Candidate:
        """Return a candidate with its loss."""
        error = self.make_error(candidate)
        return candidate.at(
            candidate.values, float(error.losses(error.cube(candidate.values)[None])[0])
        )

    def refitted(self, candidate: Candidate, effort: Effort, bound: float = math.inf) -> Candidate:
        """Return where second-order steps lead from a candidate, evaluated.

        Args:
            candidate: where they begin
            effort: how many there are
            bound: of the error; it is given up where the first steps end far above it
        """
        error = self.make_error(candidate)
        cube, budget = error.cube(candidate.values), _UntilExact(self.budget)
        if not len(error.jacobian_indices()):
            return self.evaluated(candidate)
        loss = math.inf
        for steps, damping in effort:
            optimizer = LevenbergMarquardt(steps, damping, reuse_jacobian=True, phase=PHASE)
            found = optimizer.minimize(error, cube, budget)
            cube, loss = found.cube, found.loss
            if budget.over or loss > HOPELESS * bound:
                break
        return candidate.at(error.values(cube), loss)

    def forecast(self, candidate: Candidate, level: bool = False) -> Forecast:
        """Return what is to be expected without the units of a candidate.

        Args:
            candidate: the chain
            level: of the gain alone that sets its level; else of all others
        """
        own = level_path(candidate)
        units = [unit for unit in removable_units(candidate) if (unit.path == own) == level]
        self.budget.begin()
        found = Forecast(candidate, units, self.make_error, lambda: self.budget.over)
        self.budget.step(PHASE, found.loss)
        return found

    def least(self) -> Candidate:
        """Return the candidate with the least price."""
        return min(self.candidates, key=price_of)

    def loose(self) -> None:
        """Leave out many units at once, while a knob costs little."""
        here, most = self.evaluated(with_level(self.candidates[-1])), MOST_AT_ONCE
        kept: set[str] = set()
        while not self.budget.over:
            forecast = self.forecast(here)
            found, count = self._several(here, forecast, most, kept)
            if found is None:
                return
            most = min(MOST_AT_ONCE, 2 * count)
            here = found
            self.add(here)

    def _several(
        self, here: Candidate, forecast: Forecast, most: int, kept: set[str]
    ) -> tuple[Candidate | None, int]:
        """Return a candidate without as many units as can go, and how many these were.

        Args:
            here: the candidate
            forecast: of it
            most: units at once
            kept: ids of units that cannot go; more are added
        """
        ids, bound = ids_by_path(here.stage), GROWTH * _loss(here) + AUDIBLE
        while not self.budget.over and len(kept) <= ATTEMPTS:
            chosen = _cheapest(forecast, most, kept, ids)
            if not chosen:
                break
            while chosen and not self.budget.over:
                trial = self.refitted(forecast.without(chosen), QUICK)
                if _loss(trial) <= bound and _loose_price(trial) <= _loose_price(here):
                    return trial, len(chosen)
                first, chosen = chosen[0], chosen[: len(chosen) // 2]
            kept.add(ids[forecast.units[first].part.path])
        return None, 0

    def exact(self, level: bool = False) -> None:
        """Leave out one unit after the other from the least price, while the price falls.

        Args:
            level: the gain alone that sets the level
        """
        if not level and len(self.candidates) > 1 and not self.budget.over:
            self.add(self.refitted(self.candidates[-1], THOROUGH))
        here = self.least()
        while not self.budget.over:
            found = next(
                (t for t in self._trials(here, level) if price_of(t) < price_of(here)), None
            )
            if found is None:
                return
            here = found
            self.add(here)

    def _trials(self, here: Candidate, level: bool) -> Iterator[Candidate]:
        forecast = self.forecast(here, level)
        bound = _loss(here) + FLOOR
        for number in _ranked(forecast)[:ATTEMPTS]:
            if self.budget.over:
                return
            yield self.refitted(forecast.without([number]), THOROUGH, bound)

    def to_nothing(self) -> None:
        """Leave out what costs least, one after the other, until nothing is left."""
        here = self.least()
        while not self.budget.over:
            forecast = self.forecast(here)
            if not forecast.units:
                forecast = self.forecast(here, level=True)
            if not forecast.units:
                return
            here = self.refitted(forecast.without(_ranked(forecast)[:1]), THOROUGH)
            self.add(here)


def _cheapest(
    forecast: Forecast, most: int, kept: Collection[str], ids: Mapping[str, str]
) -> list[int]:
    """Return units that may go together, the cheapest first: at least one, if there are any.

    Args:
        forecast: of all
        most: how many at most
        kept: ids of those that stay
        ids: by path
    """
    units = [
        (i, unit.part) for i, unit in enumerate(forecast.units) if ids[unit.part.path] not in kept
    ]
    chosen: list[int] = []
    least = math.inf
    while len(chosen) < most:
        parts = [forecast.units[i].part for i in chosen]
        left = [i for i, part in units if compatible(part, parts)]
        costs = {i: _cost(forecast, [*chosen, i], LOOSE) for i in left}
        if not costs:
            break
        best = min(costs, key=lambda i: costs[i])
        if chosen and costs[best] >= least:
            break
        chosen.append(best)
        least = costs[best]
    return chosen


def _ranked(forecast: Forecast) -> list[int]:
    """Return the units, the cheapest first."""
    costs = [_cost(forecast, [i], LOOSE) for i in range(len(forecast.units))]
    return [int(i) for i in np.argsort(costs, kind="stable")]


def _cost(forecast: Forecast, chosen: list[int], per_knob: float) -> float:
    """Return the logarithm of the error to be expected, less what the knobs are worth."""
    knobs = sum(forecast.units[i].knobs for i in chosen)
    return math.log(forecast.error(chosen) + FLOOR) - per_knob * knobs


def _loose_price(candidate: Candidate) -> float:
    return math.log(_loss(candidate) + FLOOR) + LOOSE * complexity(candidate).knobs


def _loss(candidate: Candidate) -> float:
    return math.inf if candidate.loss is None else candidate.loss


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
