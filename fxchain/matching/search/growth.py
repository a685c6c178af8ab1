"""A population of chains grown from the empty one: edit, refit, keep where it pays.

A generation edits the candidates with the least price that were not edited yet. The edits that
the tangents foretell to pay (`proposals`) and other sets of filters (`other_filters`) are refitted,
with ever more steps on ever longer excerpts for ever fewer of them:

    quick      all of them
    brief      the best, of each species some
    thorough   the best of these; they join the population

Source:
    Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
    optimization", 2016: successive halving.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from fxchain.matching.search.population import distinct, signature_of, survivors
from fxchain.matching.search.refit import Effort
from fxchain.optim.processes import Call
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import AUDIBLE, FLOOR, price_of
from fxchain.structure.crossover import crossed

QUICK, BRIEF = Effort("tiny", 2), Effort("small", 4)
THOROUGH, FINAL = Effort("medium", 12, 2e-2, delays=True), Effort("medium", 30, 1e-2)
#: Growth has come to a halt where what is left is hardly audible and the price falls by less in so
#: many generations.
LEAST_GAIN, PATIENCE = 0.1, 4
#: What growth is going to gain is foretold from so many generations.
LAST_GENERATIONS = 2
#: A known structure is tried again where its loss is to be this share of what it was.
MUCH_LESS = 0.5

#: Makes calls of a `Workbench`; a result is None where the budget ended before.
Run = Callable[[Sequence[Call]], list[Any]]


@dataclass(frozen=True)
class Survival:
    """Which candidates go on.

    Attributes:
        edited: how many are edited in one generation
        briefly: how many are refitted further after the quick refits, and of each species
        thoroughly: … and after the brief ones
        crossed: with so many of the best those that are edited are crossed
    """

    edited: int = 2
    briefly: tuple[int, int] = (6, 3)
    thoroughly: tuple[int, int] = (3, 2)
    crossed: int = 0


#: What others would give: `benchmarks/strategies.py`.
SPECIES = Survival()


@dataclass(frozen=True)
class Population:
    """What growth knows.

    Attributes:
        candidates: refitted thoroughly, the least price first
        edited: signatures of those that were edited
        prices: the least price before each generation that was ended
        cost: the share of the budget that the last generation took
    """

    candidates: tuple[Candidate, ...] = ()
    edited: frozenset[str] = frozenset()
    prices: tuple[float, ...] = ()
    cost: float = 0.0

    @property
    def best(self) -> Candidate:
        """Return the candidate with the least price."""
        return self.candidates[0]

    @property
    def exact(self) -> bool:
        """Tell whether nothing is left to be explained."""
        return any((each.loss or 0.0) < FLOOR for each in self.candidates[:1])

    @property
    def simplest(self) -> bool:
        """Tell whether nothing is left to be explained, and no edit of that is simpler."""
        return self.exact and signature_of(self.best) in self.edited

    @property
    def halted(self) -> bool:
        """Tell whether nothing that is worth it can be gained any more."""
        if len(self.prices) <= PATIENCE or (self.best.loss or 0.0) > AUDIBLE:
            return False
        return price_of(self.best) > self.prices[-PATIENCE] - LEAST_GAIN

    def foretold(self, share: float) -> float:
        """Return the error that is left when the price falls as in the last generations.

        Args:
            share: of the budget that growth has from now on

        Returns:
            an error-to-signal ratio; 0 where no generation was ended yet: nothing is known then
        """
        count = min(LAST_GENERATIONS, len(self.prices))
        if not count or not self.cost:
            return 0.0
        gain = (self.prices[-count] - price_of(self.best)) / count
        return (self.best.loss or 0.0) * math.exp(-max(gain, 0.0) * max(share, 0.0) / self.cost)

    def better(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates of new structures, and those whose loss is far less than that of
        their structure in the population: the same structure from another start."""
        known = {signature_of(each): each.loss or 0.0 for each in self.candidates}
        bounds = (MUCH_LESS * known.get(signature_of(each), math.inf) for each in candidates)
        pairs = zip(candidates, bounds, strict=True)
        return [each for each, bound in pairs if each.loss is None or each.loss < bound]

    def parents(self, count: int) -> list[Candidate]:
        """Return the cheapest that were not edited yet; none that explain less than all where the
        best explains that."""
        bound = FLOOR if self.exact else math.inf
        open_to_edits = (each for each in self.candidates if (each.loss or 0.0) < bound)
        waiting = (each for each in open_to_edits if signature_of(each) not in self.edited)
        return list(islice(waiting, count))

    def joined_by(self, candidates: Sequence[Candidate]) -> "Population":
        """Return the population with further candidates; of each structure the best stays."""
        everyone = sorted((*candidates, *self.candidates), key=price_of)
        return replace(self, candidates=tuple(distinct(everyone, signature_of)))


def next_generation(population: Population, run: Run, survival: Survival = SPECIES) -> Population:
    """Return the population after one more generation.

    Args:
        population: at least one candidate
        run: makes calls, as many at a time as it can
        survival: which go on

    Returns:
        the same candidates where every one was edited already, or the budget ended; then their
        edits are still to be tried
    """
    parents = population.parents(survival.edited)
    litters = run([Call("edited", (parent, "tiny")) for parent in parents])
    children = [child for litter in litters for child in litter or ()]
    mates = population.candidates[: survival.crossed]
    pairs = [(parent, mate) for parent in parents for mate in mates if mate is not parent]
    children += [child for pair in pairs for child in crossed(*pair)]
    chosen = population.better(children)
    quick = refitted(chosen, QUICK, run)
    go_on = survivors(population.better(quick), *survival.briefly)
    brief = refitted(go_on, BRIEF, run)
    best = survivors(brief, *survival.thoroughly)
    thorough = refitted(best, THOROUGH, run)
    last = sorted(thorough, key=price_of)[:2]
    final = refitted(last, FINAL, run)
    stages = ((chosen, quick), (go_on, brief), (best, thorough), (last, final))
    ended = all(len(before) == len(after) for before, after in stages)
    ended &= sum(litter is not None for litter in litters) == len(parents)
    edited = population.edited | {signature_of(parent) for parent in parents if ended}
    joined = population.joined_by([*final, *thorough])
    again = {signature_of(candidate) for candidate in population.better(final)}
    if ended:
        joined = replace(joined, prices=(*population.prices, price_of(population.best)))
    return replace(joined, edited=edited - again)


def refitted(candidates: Sequence[Candidate], effort: Effort, run: Run) -> list[Candidate]:
    """Return the candidates after second-order steps, without those the budget had no time for."""
    found = run([Call("refitted", (candidate, effort)) for candidate in candidates])
    return [each for each in found if each is not None]
