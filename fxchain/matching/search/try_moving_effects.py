"""An effect that moves by itself, from a start in closed form, as the first of a population."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.growth import BRIEF, FINAL, QUICK, THOROUGH, Population, refitted
from fxchain.matching.search.growth_move import kept, least_chain, running
from fxchain.matching.search.response_stage import NOTHING, levelled_parts
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.optim.budget import BudgetView
from fxchain.periodic.measured_part import measured_part
from fxchain.periodic.rate import find_rate, rate_candidates
from fxchain.player import Playback
from fxchain.primitives import Primitive, get_primitive
from fxchain.primitives.evidence import drive
from fxchain.primitives.moving_pair import MovingPair
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_tree import Unit, candidate_of, nodes_of
from fxchain.structure.criterion import price_of
from fxchain.structure.removal import with_level

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
    """Begin the population with an effect that moves, where more speaks for one than for a drive.

    Rate and phase belong to one recording, so that several are not tried.
    """
    part = context.budget.portion(move.until)
    if context.template.locked or len(context.problems) > 1 or part.over:
        return state
    if state.population.candidates or not context.leaves(state, WORTH_A_TRY):
        return state
    kinds = [get_primitive(kind) for kind in context.template.moving]
    (evidence,) = context.evidence()
    otherwise = max(drive(evidence), 0.0)  # a drive changes the filter with the notes
    kinds = [k for k in kinds if k.evidence is not None and k.evidence(evidence) > otherwise]
    if not kinds:
        return state
    excerpts, rate = context.excerpts(state).whole, context.sample_rate
    (levelled,) = levelled_parts(NOTHING, excerpts, rate)
    pair = _moving_pair(levelled, rate, excerpts[0].first_sample)
    if pair is None:
        return state
    first = least_chain(context.template)
    starts = _nearest(kinds, pair, first, part)
    if not starts:
        return state
    run = running(state, context, move.until)
    still, found = refitted([first], THOROUGH, run), refitted(starts, QUICK, run)
    for count, effort in ((BRIEFLY, BRIEF), (THOROUGHLY, THOROUGH), (1, FINAL)):
        found = sorted(found, key=price_of)[:count]
        found = refitted(found, effort, run) or found  # what there was time for
    if not still or not found or (found[0].loss or 0.0) > WORTH_IT * (still[0].loss or 0.0):
        return state
    population = Population(tuple(sorted((*still, *found), key=price_of)))
    return kept(replace(state, population=population), context, population.best)


def _moving_pair(part: AlignedAudio, sample_rate: int, first_sample: int) -> MovingPair | None:
    """Return the loudest part of the recordings with the rates at which something may move.

    It is that of one channel: a mean of channels that oppose each other is silent.
    """
    known = measured_part(part, sample_rate, first_sample, least_seconds=0.0)
    if known is None:
        return None
    here = known.loudest(SECONDS)
    likely = rate_candidates(here)[:RATES]
    rates = [hertz / by for by in DIVISORS for hertz in likely if hertz / by >= 1.0 / here.seconds]
    best = find_rate(here)
    rates = ([] if best is None else [best]) + rates
    if not rates:
        return None
    loudest = int(np.argmax(np.sum(here.wet**2, axis=1)))
    dry, wet, first = here.dry[loudest], here.wet[loudest], round(here.first_sample)
    return MovingPair(dry, wet, sample_rate, first, tuple(dict.fromkeys(rates)))


def _nearest(
    kinds: Sequence[Primitive], pair: MovingPair, first: Candidate, budget: BudgetView
) -> list[Candidate]:
    """Return the first chain with an effect before it, at the starts that explain most.

    What a start explains is told by the least squares of the dry and what the effect makes of it,
    and what of that its movement explains by the same a quarter of a period earlier or later.
    """
    found: list[tuple[float, Candidate]] = []
    for primitive in kinds:
        phase = primitive.phase
        if primitive.moving_starts is None or phase is None or budget.over:
            continue
        for named in primitive.moving_starts(pair):
            left, early, late = (
                _left(primitive, _values(primitive, {**named, phase: named[phase] + apart}), pair)
                for apart in (0.0, -90.0, 90.0)
            )
            if left < PROMISING * min(early, late):
                values = _values(primitive, named)
                unit = Unit(Effect(primitive), values, (True,) * len(values))
                chain = candidate_of((unit, *nodes_of(first)), first)
                found.append((left, with_level(canonical(chain))))
    return [candidate for _, candidate in sorted(found, key=lambda each: each[0])[:STARTS]]


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
