"""A generation of a growing population as a move of the search."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.growth import (
    FINAL,
    THOROUGH,
    Population,
    Run,
    next_generation,
    refitted,
)
from fxchain.matching.search.insertion_spots import Choices
from fxchain.matching.search.measured_movement import has_periodic_filter
from fxchain.matching.search.measured_stages import is_measured
from fxchain.matching.search.other_filters import TOLERANCES
from fxchain.matching.search.population import distinct, signature_of
from fxchain.matching.search.refit import Workbench
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.objectives.excerpt import choose_excerpts, exactly
from fxchain.optim.budget import Budget
from fxchain.optim.processes import Call, Processes
from fxchain.primitives import Primitive, get_primitive
from fxchain.primitives.evidence import EXCLUDED
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import nodes_of, unlocked
from fxchain.structure.criterion import KNOB, price_of
from fxchain.structure.proposal import empty_chain
from fxchain.structure.template import Template

PHASE = "growth"
#: Share of the budget that growth has before chains of drives join; shares at which it ends at the
#: latest before the template joins, before a recurrent cell is trained, and in all.
BEFORE_DRIVES, BEFORE_TEMPLATE, BEFORE_CELL, GROWN = 0.15, 0.45, 0.6, 0.8
#: How many drives stand in chains that join, and whether the dry stands beside them; the share of
#: that move in which they are searched.
DRIVES, SEARCHED = ((2, False), (1, True)), 0.5
#: Lengths of the excerpts, s, to which the time of the strongest echo is added.
SECONDS = {"tiny": 0.7, "small": 1.0, "medium": 2.0}
#: An echo of this strength against the direct sound is tried.
LEAST_ECHO = 0.02
#: Edits of one candidate that are refitted.
MOST_EDITS = 8


def grow(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Let the population grow by one generation, and plan the next where that pays.

    The first one has all of growth's time: without it there is nothing to choose from.
    """
    population, begun = state.population, context.budget.used
    until = move.until if population.prices else max(move.until, GROWN)
    if not context.template.grows or context.budget.portion(until).over:
        return state
    if population.simplest or population.halted or state.response is not None:
        return state
    moving = population.candidates and has_periodic_filter(state.best)  # it began with one
    if is_measured(state.best) and not moving:
        return state
    if population.candidates and not population.parents(1):
        return state
    if population.prices and not moving and not _may_lead(state, until - begun):
        return state
    if begun + population.cost > until or (population.prices and begun > move.begins_until):
        return state
    run = running(state, context, until)
    if not population.candidates:
        first = refitted([least_chain(context.template)], THOROUGH, run)
        if not first:
            return state
        population = Population((*_measured(first[0], context, run), *first))
    else:
        population = next_generation(population, run, context.survival)
        population = replace(population, cost=context.budget.used - begun)
    state = kept(replace(state, population=population), context, population.best)
    if population.simplest or population.halted or context.budget.portion(until).over:
        return state
    if context.budget.used <= begun:  # less than a step is left
        return state
    return replace(state, remaining=(move, *state.remaining))


def _measured(first: Candidate, context: SearchContext, run: Run) -> list[Candidate]:
    """Return the cheapest chain of filters that do what was measured, where it costs less than the
    chain that growth begins with."""
    if context.measured is None:
        return []
    (made,) = run([Call("measured", (first, context.measured))]) or (None,)
    found = sorted(refitted(made or (), THOROUGH, run), key=price_of)[:1]
    return [each for each in found if price_of(each) < price_of(first)]


def least_chain(template: Template) -> Candidate:
    """Return what growth begins with: nothing but what the user locked."""
    kept = tuple(node for node in nodes_of(template.candidate) if not unlocked((node,)))
    return empty_chain(template.polarity, kept)


def join(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Let a best that was not grown join the population, with fewer filters.

    The equalizers of a whole template make its descent easy; with the few filters that they need
    it can be edited as any other chain.
    """
    best, population = state.best, state.population
    if best is None or not population.candidates or state.response is not None:
        return state
    if context.budget.portion(move.until).over or population.exact or _is_grown(best, population):
        return state
    run = running(state, context, move.until)
    there = replace(best, latency_shifts=state.latency_shifts)
    calls = [Call("with_fewer_filters", (there, share)) for share in TOLERANCES]
    simpler = [each for each in run(calls) if each is not None]
    found = refitted(distinct(simpler, signature_of), FINAL, run)
    population = population.joined_by(found)
    state = replace(state, population=population)
    return kept(state, context, population.best)


def join_drives(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
    """Let chains of drives with filters around them join the population.

    No step of growth leads from filters to a drive behind other filters.
    """
    population = state.population
    if state.response is not None or context.budget.portion(move.until).over or population.exact:
        return state
    run = running(state, context, move.until)
    state, seed = state.drawn(lambda rng: int(rng.integers(2**31)))
    share = SEARCHED * (move.until - context.budget.used) * min(context.threads / len(DRIVES), 1.0)
    limit = None if context.budget.seconds is None else share * context.budget.seconds
    like = population.best if population.candidates else least_chain(context.template)
    calls = [Call("driven", (*drives, seed, like, FINAL, limit)) for drives in DRIVES]
    found = [each for each in run(calls) if each is not None]
    shares = [Call("with_fewer_filters", (each, share)) for each in found for share in TOLERANCES]
    fewer = [each for each in run(shares) if each is not None]
    found += refitted(distinct(fewer, signature_of), FINAL, run)
    if not found:
        return state
    state = replace(state, population=population.joined_by(found))
    return kept(state, context, state.population.best)


def _may_lead(state: SearchState, share: float) -> bool:
    """Tell whether growth holds the best, or is foretold to come nearer in a share of the budget.

    What joined later, with many knobs, may be far nearer than what was grown by then.
    """
    best, population = state.best, state.population
    if best is None or best.loss is None or _is_grown(best, population):
        return True
    return population.foretold(share) < best.loss


def _is_grown(best: Candidate, population: Population) -> bool:
    return any(best.stage == each.stage for each in population.candidates)


def running(state: SearchState, context: SearchContext, until: float) -> Run:
    """Return what makes calls of the workbench until a share of the budget is used up."""
    processes = context.processes(
        state, lambda: Processes(workbench(state, context), context.threads)
    )
    return lambda calls: _counted(processes, calls, context.budget, until)


def kept(state: SearchState, context: SearchContext, candidate: Candidate) -> SearchState:
    """Return the state with a candidate as the best, if its price is less.

    A part of a sample of latency costs as much as a knob does; what is not worth it is rounded.
    """
    shifts = candidate.latency_shifts or (0.0,) * len(context.problems)
    whole = tuple(float(round(samples)) for samples in shifts)
    tried = []
    for latencies in dict.fromkeys((whole, shifts)):
        there = replace(state, latency_shifts=latencies)
        found = context.evaluate(there, candidate, position(candidate))
        parts = sum(not samples.is_integer() for samples in latencies)
        tried.append((price_of(found) + KNOB * parts, there, found))
    _, there, found = min(tried, key=lambda each: each[0])
    if state.best is None or price_of(found) < price_of(state.best):
        return context.take(there, found)
    return state


def workbench(state: SearchState, context: SearchContext) -> Workbench:
    """Return what refits and proposals are made with."""
    rate = context.sample_rate
    echoes = tuple(samples / rate for samples, level in context.echoes if level > LEAST_ECHO)
    longer = echoes[0] if echoes else 0.0
    excerpts = {
        name: exactly(
            choose_excerpts(
                context.problems, seconds + longer, loudness_weighting=state.loudness_weighting
            )
        )
        for name, seconds in SECONDS.items()
    }
    known = tuple(problem.latency_known for problem in context.problems)
    return Workbench(excerpts, rate, Choices(_shown(context), echoes), MOST_EDITS, known)


def _shown(context: SearchContext) -> tuple[Primitive, ...]:
    """Return the effects that not every pair of recordings excludes."""
    primitives = [get_primitive(kind) for kind in context.template.grows]
    return tuple(
        primitive
        for primitive in primitives
        if primitive.evidence is None or max(map(primitive.evidence, context.evidence())) > EXCLUDED
    )


def _counted(
    processes: Processes, calls: Sequence[Call], budget: Budget, until: float
) -> list[Any]:
    """Make calls, each a step of the budget, while it lasts."""
    part = budget.portion(until)
    budget.begin()
    if budget.steps is not None:
        calls = calls[: int(budget.steps_left(until))]
    found = processes.map(calls, lambda: part.over)
    for call, result in zip(calls, found, strict=True):
        if result is not None:  # a refitted candidate, or what was made of the one that was given
            refitted_now = isinstance(result, Candidate) and result.loss is not None
            of = result if refitted_now else call.arguments[0]
            loss = of.loss if isinstance(of, Candidate) else None
            budget.step(PHASE, np.nan if loss is None else loss)
    return found
