"""The search of a match: moves, one after the other, each from the state that the last one left.

    grow                 chains from nothing, one generation after the other, with the latencies
    moving effects       one that moves by itself, as the first of a population or in its best
    coarse to fine       the template from two starts: gradients and evolution in turns
    plug-ins             the settings of effects of which only the output is known, plug-ins of
                         other makers among them, instead of coarse to fine
    latency              of the template, fitted together with its knobs
    join drives          chains of drives with filters around them, found by evolution
    filter alone         a measured response instead of the chain
    join                 the template's filters made fewer; it is grown on as any other chain
    settle short         second-order steps by the plain error on longer excerpts
    impulse response     a measured response behind the chain
    periodic filter      a measured filter that changes periodically, alone, instead of what grew
                         from an effect that moves, or behind the chain
    recurrent cell       a small network in place of the chain, trained by second-order steps
    drop redundant chain a response alone, where the chain before it explains hardly more
    basin hopping        from the best so far, several at the same time
    eliminate            units left out, and the knee of what is left taken
    spectral refinement  where much is left, waveform error and spectral distance together

A chain that the user wrote, or that a preset brings, is fitted as it is: it neither grows nor is
there anything to join.

A move is a function `(state, context, move) -> state`. The best candidate by the plain error is
kept throughout, except by the spectral refinement. Behind each move the state, with the moves that
remain, may be left in a checkpoint; a search that begins with it ends as if never interrupted.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import numpy as np

from fxchain.matching.search.basin_hopping import hop_from_best
from fxchain.matching.search.checkpoint import Checkpoint, CheckpointFile
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.descend_from_starts import begin, descend_template
from fxchain.matching.search.drop_redundant_chain import drop_redundant_chain
from fxchain.matching.search.echo_detection import echo_times
from fxchain.matching.search.elimination_move import eliminate_stages
from fxchain.matching.search.growth import SPECIES, Survival
from fxchain.matching.search.growth_move import (
    BEFORE_CELL,
    BEFORE_DRIVES,
    BEFORE_TEMPLATE,
    GROWN,
    grow,
    join,
    join_drives,
    least_chain,
)
from fxchain.matching.search.level_alone import level_alone
from fxchain.matching.search.measured_device import MeasuredDevice
from fxchain.matching.search.measured_stages import is_measured
from fxchain.matching.search.moving_stages import has_movement
from fxchain.matching.search.plugin_search import search_plugins
from fxchain.matching.search.refine_latency import refine_latency
from fxchain.matching.search.result import FitResult, result_of
from fxchain.matching.search.second_order_steps import settle_long, settle_short
from fxchain.matching.search.spectral_refinement import (
    refine_spectrally,
    spectral_refinement_pays,
)
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.try_impulse_response import (
    refit_last_response,
    try_filter_alone,
    try_impulse_response,
)
from fxchain.matching.search.try_moving_effects import try_moving_effects
from fxchain.matching.search.try_periodic_filter import (
    try_periodic_filter,
    try_periodic_filter_alone,
    try_periodic_filter_instead,
)
from fxchain.matching.search.try_recurrent_cell import WORTH_A_CELL, try_recurrent_cell
from fxchain.objectives.excerpt import LOUDNESS_WEIGHTING
from fxchain.optim.budget import Budget
from fxchain.optim.halting import halted_by_signals
from fxchain.recordings.problem import Problem
from fxchain.structure.criterion import AUDIBLE
from fxchain.structure.plugins import has_opaque, hosted
from fxchain.structure.template import Template

Move = Callable[[SearchState, SearchContext, PlannedMove], SearchState]
Plan = Callable[[Template], Sequence[PlannedMove]]

MOVES: Mapping[str, Move] = MappingProxyType(
    {
        "coarse to fine": descend_template,
        "plug-ins": search_plugins,
        "latency": refine_latency,
        "filter alone": try_filter_alone,
        "settle short": settle_short,
        "impulse response": try_impulse_response,
        "moving effects": try_moving_effects,
        "periodic filter alone": try_periodic_filter_alone,
        "periodic filter instead": try_periodic_filter_instead,
        "periodic filter": try_periodic_filter,
        "recurrent cell": try_recurrent_cell,
        "basin hopping": hop_from_best,
        "drop redundant chain": drop_redundant_chain,
        "settle long": settle_long,
        "refit response": refit_last_response,
        "grow": grow,
        "join": join,
        "join drives": join_drives,
        "eliminate": eliminate_stages,
        "spectral refinement": refine_spectrally,
    }
)
#: Where a chain that was grown leaves this much, drives are searched for.
WORTH_DRIVES = 1e-2
#: Where a spectral refinement follows, moves that yield to it end at this share of their time.
BEFORE_SPECTRA = 0.8


def planned(template: Template) -> tuple[PlannedMove, ...]:
    """Return the moves of a search for a template, in their order."""
    if hosted(template.stage) or (has_opaque(template.stage) and not template.grows):
        return tuple(_of_plugins(template))
    return (
        *(_growth(template) if template.grows else _descent(template)),
        PlannedMove("eliminate", 0.95, above=0.0),
        PlannedMove("settle long", 1.0, yields=True, above=0.0),
        PlannedMove("spectral refinement"),
    )


def _growth(template: Template) -> list[PlannedMove]:
    """Return the moves of a search that begins with nothing.

    Where it does not end soon, chains of drives join; where what it is foretold to leave can be
    heard, the template does, once it has settled.
    """
    heard = partial(PlannedMove, above=AUDIBLE, unmeasured=True, steady=True)
    joins = partial(heard, until=GROWN, growing=False)
    descent = partial(joins, "coarse to fine", lasts=0.19)
    early = descent(until=BEFORE_CELL, above=WORTH_A_CELL)  # a cell has the time behind it
    periodic = template.periodic
    moving = PlannedMove("moving effects", lasts=0.3, unmeasured=True)
    growth = PlannedMove("grow", BEFORE_TEMPLATE, above=0.0, growing=True)
    return [
        *([moving] if template.moving else []),
        *([PlannedMove("periodic filter alone", lasts=0.4)] if periodic else []),
        replace(growth, begins=BEFORE_DRIVES),
        *([moving] if template.moving else []),
        PlannedMove("join drives", above=WORTH_DRIVES, lasts=0.2, unmeasured=True, steady=True),
        *([heard("filter alone", lasts=0.15)] if template.response else []),
        growth,
        *([descent(below=WORTH_A_CELL), early] if template.cell else [descent()]),
        joins("latency", below=WORTH_A_CELL, lasts=0.05),
        joins("settle short", below=WORTH_A_CELL, lasts=0.15),
        joins("join", lasts=0.05),
        PlannedMove("settle short", BEFORE_CELL, above=WORTH_A_CELL, unmeasured=True),
        PlannedMove("grow", BEFORE_CELL, above=0.0),
        *([PlannedMove("recurrent cell", 0.93, unmeasured=True)] if template.cell else []),
        PlannedMove("grow", GROWN, above=0.0),
        *([PlannedMove("periodic filter instead", 0.86, unmeasured=True)] if periodic else []),
        *([PlannedMove("periodic filter", 0.88, unmeasured=True)] if periodic else []),
        *([PlannedMove("impulse response", 0.92)] if template.response else []),
        PlannedMove("drop redundant chain"),
        PlannedMove("refit response"),
    ]


def _descent(template: Template) -> list[PlannedMove]:
    """Return the moves of a search for the values of one chain."""
    response = template.response
    return [
        *([] if template.started else [PlannedMove("coarse to fine", 0.33)]),
        *([] if template.started else [PlannedMove("latency", 0.38)]),
        *([PlannedMove("filter alone", 0.45)] if response else []),
        PlannedMove("settle short", 0.7, yields=True),
        *([PlannedMove("impulse response", 0.75)] if response else []),
        PlannedMove("latency", 0.72),
        *([PlannedMove("drop redundant chain")] if response else []),
        PlannedMove("settle long", 0.75, yields=True),
        *([PlannedMove("refit response")] if response else []),
        PlannedMove("basin hopping", 0.85, yields=True),
    ]


def _of_plugins(template: Template) -> list[PlannedMove]:
    """Return the moves of a search with settings of plug-ins; all of the chain stays."""
    return [
        *([] if template.started else [PlannedMove("plug-ins", 0.8)]),
        PlannedMove("settle short", 0.85),
        PlannedMove("settle long", 1.0),
    ]


def fit(
    problem: Problem | Sequence[Problem],
    template: Template,
    budget: Budget,
    seed: int,
    checkpoint: Checkpoint | None = None,
    plan: Plan = planned,
    survival: Survival = SPECIES,
    measured: MeasuredDevice | None = None,
) -> FitResult:
    """Find the values of a chain.

    Args:
        problem: dry and wet of the fitted part, or several of one device and sample rate, which
            count alike; the closed-form start evaluates the first
        template: the chain, and which of its values are free
        budget: seconds or steps; its history is returned
        seed: of the random numbers
        checkpoint: where the state is left between the moves; a search that finds the state of an
            equal one there goes on with it
        plan: gives the moves; others are for comparison (`benchmarks/strategies.py`)
        survival: which candidates of a growing population go on
        measured: what was measured of the device with a sweep

    Returns:
        the best chain found, stages that do nothing left out

    Raises:
        MatchError: another search left the checkpoint, or it cannot be read
        OutputError: the checkpoint cannot be written
        KeyboardInterrupt: when the user stopped it before there was anything to keep
    """
    problems = (problem,) if isinstance(problem, Problem) else tuple(problem)
    if (alone := level_alone(problems, template, budget)) is not None:
        return alone
    file = CheckpointFile(checkpoint, problems, template, budget, seed, measured)
    latest: list[SearchState] = []

    def leave(state: SearchState) -> None:
        latest[:] = [state]
        file.leave(state)

    first = problems[0]
    echoes = echo_times(first.dry, first.wet, first.sample_rate)
    context = SearchContext(problems, template, budget, echoes, leave, survival, measured)
    interrupted = False
    try:
        with halted_by_signals(budget), closing(context):
            _run(file.take_up() or start_state(context, seed, plan), context)
    except KeyboardInterrupt:
        if not latest:
            raise
        interrupted = True
    found = result_of(latest[0], budget, interrupted or budget.halted)
    return found if found.latency_shifts else replace(found, evidence=context.measured_evidence)


def start_state(context: SearchContext, seed: int, plan: Plan = planned) -> SearchState:
    """Return the state before the first move: the first guess, evaluated."""
    rng = np.random.default_rng(seed)
    state = SearchState(
        best=None,
        rng=dict(rng.bit_generator.state),
        latency_shifts=(0.0,) * len(context.problems),
        loudness_weighting=LOUDNESS_WEIGHTING,
    )
    candidate, cube = begin(context.template.candidate, context)
    if context.template.grows:
        candidate = least_chain(context.template)
        cube = position(candidate)
    state = context.keep(state, candidate, cube)
    done = not len(cube) or context.budget.over
    return replace(state, remaining=() if done else tuple(plan(context.template)))


def _growth_suffices(state: SearchState, context: SearchContext) -> bool:
    """Tell whether growth alone is going to leave nothing that can be heard."""
    return state.population.foretold(GROWN - context.budget.used) <= AUDIBLE


def _run(state: SearchState, context: SearchContext) -> None:
    """Make the moves that remain, and leave the state behind each."""
    context.leave(state)
    while state.remaining and not context.budget.halted:
        move, *others = state.remaining
        state = replace(state, remaining=tuple(others))
        left = None if state.best is None else state.best.loss or 0.0
        if left is not None and left < move.above:
            continue
        if left is not None and move.below is not None and left > move.below:
            continue
        if move.growing is not None and move.growing != _growth_suffices(state, context):
            continue
        if (move.unmeasured and is_measured(state.best)) or (
            move.steady and has_movement(state.best)
        ):
            continue
        move = move.begun(context.budget.used)
        if move.yields and spectral_refinement_pays(state, context):
            move = replace(move, until=move.until * BEFORE_SPECTRA)
        state = MOVES[move.name](state, context, move)
        context.leave(state)
