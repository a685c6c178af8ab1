"""An effect that moves by itself, from a start in closed form, in the chain that was found so far.

What is left behind that chain tells rates and starts; the tangents of the chain tell at which of
its places each explains most. Without a chain it is the first of a population.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from fxchain.evidence.movement import measure_movement
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.growth import (
    BRIEF,
    FINAL,
    QUICK,
    THOROUGH,
    Population,
    Run,
    refitted,
)
from fxchain.matching.search.growth_move import kept, least_chain, running
from fxchain.matching.search.moving_stages import has_movement
from fxchain.matching.search.response_stage import levelled_parts, residual_esr
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.try_periodic_filter import steady_suffices
from fxchain.optim.budget import BudgetView
from fxchain.optim.processes import Call
from fxchain.periodic.measured_part import MeasuredPart, measured_part
from fxchain.periodic.rate import rate_candidates
from fxchain.player import Playback
from fxchain.primitives import Primitive, get_primitive
from fxchain.primitives.evidence import EXCLUDED, Evidence, drive
from fxchain.primitives.moving_pair import MovingPair
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.criterion import price_of

#: It is tried where the best leaves this much.
WORTH_A_TRY = 1e-3
#: The loudest part of so many seconds is what starts are found from.
SECONDS = 8.0
#: Likely rates, and what they are divided by: a movement that is no sine shows at its multiples.
RATES, DIVISORS = 12, (1, 2, 3, 4)
#: A start is refitted where it leaves less than this share of what it leaves at another phase; so
#: many are, and so many go on from the quick refits, and from the brief ones.
PROMISING, STARTS, BRIEFLY, THOROUGHLY = 0.9, 6, 3, 1
#: The error must fall to this share of what a chain without it leaves.
WORTH_IT = 0.7


def try_moving_effects(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Put an effect that moves into the best chain of the population.

    It begins the population where more speaks for it than for a drive, which changes the filter
    with the notes as well; behind a chain that grew it is tried unless it is excluded, by what the
    pair shows or by what is left of that behind the chain. It begins none where a steady response
    leaves less. Rate and phase belong to one recording, so that several are not tried.
    """
    part, population = context.budget.portion(move.until), state.population
    if context.template.locked or len(context.problems) > 1 or part.over:
        return state
    if has_movement(state.best) or not context.leaves(state, WORTH_A_TRY):
        return state
    kinds = [get_primitive(kind) for kind in context.template.moving]
    (evidence,) = context.evidence()
    least = EXCLUDED if population.candidates else max(drive(evidence), 0.0)
    kinds = _likelier(kinds, evidence, least)
    if not kinds:
        return state
    first = population.best if population.candidates else least_chain(context.template)
    shifts = first.latency_shifts or state.latency_shifts
    excerpts = context.excerpts(replace(state, latency_shifts=shifts)).whole
    (levelled,) = levelled_parts(first, excerpts, context.sample_rate)
    known = measured_part(levelled, context.sample_rate, excerpts[0].first_sample, 0.0)
    if known is None:
        return state
    here = known.loudest(SECONDS)
    if population.candidates:
        kinds = _likelier(kinds, replace(evidence, movement_share=_movement(here)), least)
    pair = _moving_pair(here, context) if kinds else None
    starts = () if pair is None else tuple(_nearest(kinds, pair, part))
    if not starts:
        return state
    run = running(state, context, move.until)
    still = [first] if population.candidates else refitted([first], THOROUGH, run)
    found = _inserted(still, starts, shifts, run)
    if not found or (found[0].loss or 0.0) > WORTH_IT * (still[0].loss or 0.0):
        return state
    if not population.candidates:
        there = replace(state, latency_shifts=found[0].latency_shifts or shifts)
        left = residual_esr(found[0], context.excerpts(there).whole, context.sample_rate)
        if steady_suffices([levelled], context.sample_rate, left, lambda: part.over):
            return state
        population = Population(tuple(still))
    population = population.joined_by(found)
    return kept(replace(state, population=population), context, population.best)


def _inserted(
    chains: Sequence[Candidate],
    starts: Sequence[tuple[Unit, int]],
    shifts: tuple[float, ...],
    run: Run,
) -> list[Candidate]:
    """Return chains with one of some effects in them, refitted, the cheapest first.

    Args:
        chains: of one recording
        starts: effects, and how much later than aligned the wet is with each, samples
        shifts: latency of a chain that has none of its own
        run: of the workbench
    """
    units: dict[int, list[Unit]] = {}
    for unit, later in starts:
        units.setdefault(later, []).append(unit)
    calls = []
    for later, chain in itertools.product(units, chains):
        latency = tuple(each + later for each in chain.latency_shifts or shifts)
        there = replace(chain, latency_shifts=latency) if later else chain
        calls.append(Call("inserted", (there, tuple(units[later]), "medium")))
    made = run(calls)
    found = refitted([each for several in made for each in several or ()], QUICK, run)
    for count, effort in ((BRIEFLY, BRIEF), (THOROUGHLY, THOROUGH), (1, FINAL)):
        found = sorted(found, key=price_of)[:count]
        found = refitted(found, effort, run) or found  # what there was time for
    return found


def _likelier(kinds: Sequence[Primitive], evidence: Evidence, least: float) -> list[Primitive]:
    """Return the effects that more speaks for than a score."""
    return [each for each in kinds if each.evidence and each.evidence(evidence) > least]


def _movement(part: MeasuredPart) -> float:
    """Return the share of the wet that movement behind a chain explains: what drives of the chain
    do to the notes is none."""
    rate = round(part.sample_rate)
    return max(measure_movement(wet, dry, rate)[0] for dry, wet in part.channels())


def _moving_pair(here: MeasuredPart, context: SearchContext) -> MovingPair | None:
    """Return a part with the rates at which something may move.

    It is that of one channel: a mean of channels that oppose each other is silent.
    """
    likely = rate_candidates(here)[:RATES]
    rates = [hertz / by for by in DIVISORS for hertz in likely if hertz / by >= 1.0 / here.seconds]
    best = context.rate_of(here)
    rates = ([] if best is None else [best]) + rates
    if not rates:
        return None
    loudest = int(np.argmax(np.sum(here.wet**2, axis=1)))
    dry, wet, first = here.dry[loudest], here.wet[loudest], round(here.first_sample)
    return MovingPair(dry, wet, round(here.sample_rate), first, tuple(dict.fromkeys(rates)))


def _nearest(
    kinds: Sequence[Primitive], pair: MovingPair, budget: BudgetView
) -> list[tuple[Unit, int]]:
    """Return effects at the starts that explain most, each with how much later the wet is.

    What a start explains is told by the least squares of the dry and what the effect makes of it,
    and what of that its movement explains by the same a quarter of a period earlier or later.
    """
    found: list[tuple[float, Unit, int]] = []
    for primitive in kinds:
        phase = primitive.phase
        if primitive.moving_starts is None or phase is None or budget.over:
            continue
        for start in primitive.moving_starts(pair):
            named, there = start.values, pair.aligned(start.latency_samples)
            left, early, late = (
                _left(primitive, _values(primitive, {**named, phase: named[phase] + apart}), there)
                for apart in (0.0, -90.0, 90.0)
            )
            if left < PROMISING * min(early, late):
                values = _values(primitive, named)
                unit = Unit(Effect(primitive), values, (True,) * len(values))
                found.append((left, unit, start.latency_samples))
    nearest = sorted(found, key=lambda each: each[0])[:STARTS]
    return [(unit, later) for _, unit, later in nearest]


def _values(primitive: Primitive, named: Mapping[str, float]) -> tuple[float, ...]:
    specs = primitive.parameters
    return tuple(float(np.clip(named[spec.name], spec.low, spec.high)) for spec in specs)


def _left(primitive: Primitive, values: tuple[float, ...], pair: MovingPair) -> float:
    """Return the share of the wet that an effect beside the dry leaves."""
    audio = torch.from_numpy(pair.dry.astype(np.float32))[None, None]
    playback = Playback(pair.sample_rate, pair.first_sample)
    with torch.no_grad():
        played = Effect(primitive).process(audio, playback, torch.tensor([values]))
    return pair.left(pair.dry, np.asarray(played[0, 0], np.float64))[0]
