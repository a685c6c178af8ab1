"""From a fitted candidate ever simpler ones, each refitted, down to the empty chain.

Three passes, since a tight bound at once stalls where many units do the work of few:

    filters  each run of filters exchanged for fewer with nearly the same response
    loose    up to `MOST_AT_ONCE` units at once, while ln(E) falls by less than `LOOSE` for a knob
    exact    one unit after the other from the least price, while the price falls

Then the units that cost least, one after the other, until nothing is left: what a user may choose.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fxchain.matching.search.elimination_forecast import Forecast
from fxchain.matching.search.elimination_order import LOOSE, cheapest, ranked
from fxchain.matching.search.elimination_refit import (
    HOPELESS,
    PHASE,
    QUICK,
    THOROUGH,
    Effort,
    evaluated,
    refitted,
)
from fxchain.matching.search.left_out import MakeError
from fxchain.matching.search.other_filters import TOLERANCES
from fxchain.optim.budget import BudgetView
from fxchain.stage import Effect, ids_by_path
from fxchain.stage.identity import stages_by_path
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import AUDIBLE, FLOOR, complexity, price_of
from fxchain.structure.removal import (
    GAIN,
    level_path,
    removable_units,
    with_level,
)

#: Returns a candidate that does nearly the same; the tolerance is an error-to-signal ratio.
Rewriting = Callable[[Candidate, float], Candidate]

#: Most units that go at once.
MOST_AT_ONCE = 8
#: … and where the error is at most this many times what it was, beside what is just audible.
GROWTH = 1.5
#: Units that are tried in the exact pass before it ends.
ATTEMPTS = 4


def eliminate(
    candidate: Candidate,
    make_error: MakeError,
    budget: BudgetView,
    to_nothing: bool = True,
    new_gains: bool = True,
    fewer_filters: Rewriting | None = None,
) -> list[Candidate]:
    """Return ever simpler candidates, each refitted, with their losses.

    Args:
        candidate: where to start, fitted
        make_error: gives the error of a candidate, on short excerpts
        budget: ends it
        to_nothing: go on behind the least price until nothing is left that may go
        new_gains: whether there may be gains that the candidate does not have
        fewer_filters: returns a candidate with fewer filters, given a tolerance; None: none

    Returns:
        the start, and one candidate for each step of the path; the knobs do not grow
    """
    path = _Path(make_error, budget, new_gains)
    path.add(evaluated(candidate, make_error))
    if fewer_filters is not None:
        path.filters(fewer_filters)
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
        new_gains: whether there may be new gains
        candidates: evaluated
        tried: refits without one unit, by the chain's key and the unit's id
    """

    make_error: MakeError
    budget: BudgetView
    new_gains: bool
    candidates: list[Candidate] = field(default_factory=list)
    tried: dict[tuple[str, ...], dict[str, Candidate]] = field(default_factory=dict)

    def add(self, candidate: Candidate) -> None:
        """Keep an evaluated candidate."""
        self.candidates.append(candidate)

    def refitted(self, candidate: Candidate, effort: Effort, bound: float = math.inf) -> Candidate:
        """Return where second-order steps lead from a candidate, see `refitted`."""
        return refitted(candidate, self.make_error, effort, self.budget, bound)

    def forecast(self, candidate: Candidate, level: bool = False) -> Forecast:
        """Return what is to be expected without the units of a candidate.

        Args:
            candidate: the chain
            level: of the gain alone that sets its level; else of all others
        """
        own = level_path(candidate)
        units = [unit for unit in removable_units(candidate) if (unit.path == own) == level]
        self.budget.begin()
        found = Forecast(
            candidate, units, self.make_error, self.new_gains, lambda: self.budget.over
        )
        self.budget.step(PHASE, found.loss)
        return found

    def least(self) -> Candidate:
        """Return the candidate with the least price."""
        return min(self.candidates, key=price_of)

    def filters(self, fewer: Rewriting) -> None:
        """Exchange the filters for fewer, as far as the error allows."""
        here = self.candidates[-1]
        for share in TOLERANCES:
            if self.budget.over:
                return
            self.budget.begin()
            found = fewer(here, share * (_loss(here) + AUDIBLE))
            self.budget.step(PHASE, _loss(here))
            if complexity(found).knobs >= complexity(here).knobs:
                continue
            trial = self.refitted(found, THOROUGH)
            if self._is_simpler(trial, here):
                self.add(trial)
                return

    def _is_simpler(self, trial: Candidate, here: Candidate) -> bool:
        """Tell whether a candidate may follow another one in the loose pass."""
        bound = GROWTH * _loss(here) + AUDIBLE
        return _loss(trial) <= bound and _loose_price(trial) <= _loose_price(here)

    def loose(self) -> None:
        """Leave out many units at once, while a knob costs little."""
        here, most = self.candidates[-1], MOST_AT_ONCE
        if self.new_gains:
            here = evaluated(with_level(here), self.make_error)
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
        ids = ids_by_path(here.stage)
        while not self.budget.over and len(kept) <= ATTEMPTS:
            chosen = cheapest(forecast, most, kept, ids)
            if not chosen:
                break
            while chosen and not self.budget.over:
                trial = self.refitted(forecast.without(chosen), QUICK)
                if self._is_simpler(trial, here):
                    return trial, len(chosen)
                first, chosen = ids[forecast.units[chosen[0]].part.path], chosen[: len(chosen) // 2]
            if chosen:
                break  # the budget ended before the first alone was tried
            kept.add(first)
            self.tried.setdefault(_key(here), {})[first] = trial
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
        bound, ids = _loss(here) + FLOOR, ids_by_path(here.stage)
        tried = self.tried.setdefault(_key(here), {})
        for number in ranked(forecast)[:ATTEMPTS]:
            if self.budget.over:
                return
            unit = ids[forecast.units[number].part.path]
            if unit in tried and _loss(tried[unit]) > HOPELESS * bound:
                continue
            tried[unit] = self.refitted(forecast.without([number]), THOROUGH, bound)
            yield tried[unit]

    def to_nothing(self) -> None:
        """Leave out what costs least, one after the other, until nothing is left."""
        here = self.least()
        while not self.budget.over:
            tried = self.tried.get(_key(here), {}).values()
            simpler = [each for each in tried if complexity(each) < complexity(here)]
            found = min(simpler, key=price_of, default=None) or self._simpler(here)
            if found is None:
                return
            here = found
            self.add(here)

    def _simpler(self, here: Candidate) -> Candidate | None:
        """Return a candidate without the unit that costs least, or None where none may go."""
        forecast = self.forecast(here)
        if not forecast.units:
            forecast = self.forecast(here, level=True)
        if not forecast.units:
            return None
        effort = THOROUGH if _loss(here) < AUDIBLE else QUICK
        return self.refitted(forecast.without(ranked(forecast)[:1]), effort, AUDIBLE)


def _key(candidate: Candidate) -> tuple[str, ...]:
    """Return what two candidates of the same stages have in common, gains apart."""
    return tuple(
        stage_id
        for (_, stage), stage_id in zip(
            stages_by_path(candidate.stage), ids_by_path(candidate.stage).values(), strict=True
        )
        if not (isinstance(stage, Effect) and stage.primitive is GAIN)
    )


def _loose_price(candidate: Candidate) -> float:
    return math.log(_loss(candidate) + FLOOR) + LOOSE * complexity(candidate).knobs


def _loss(candidate: Candidate) -> float:
    return math.inf if candidate.loss is None else candidate.loss
