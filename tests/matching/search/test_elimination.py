"""From overfull chains back to what is in them."""

from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.elimination import eliminate
from fxchain.matching.search.elimination_forecast import Forecast
from fxchain.matching.search.elimination_move import eliminate_stages
from fxchain.matching.search.front import FrontPoint
from fxchain.matching.search.schedule import start_state
from fxchain.matching.search.state import PlannedMove
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.optim.budget import Budget
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.stage import Mix
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import Bounds, complexity, price_of
from fxchain.structure.removal import removable_units
from fxchain.structure.template import Template
from tests.known_pair import RATE, effect

CLEAN: dict[str, Any] = {"chain": []}


def peak(hz: float, gain_db: float, q: float = 1.0) -> dict[str, Any]:
    """Return a peak filter."""
    return effect("peak_filter", cutoff_frequency_hz=hz, gain_db=gain_db, q=q)


def drive(drive_db: float) -> dict[str, Any]:
    """Return a distortion."""
    return effect("distortion", drive_db=drive_db)


def gain(gain_db: float) -> dict[str, Any]:
    """Return a gain."""
    return effect("gain", gain_db=gain_db)


TRUE = [peak(900.0, 6.0), drive(14.0), gain(-3.0)]
#: The same sound with bands that undo each other and stages that hardly do anything.
OVERFULL = [
    effect("highpass_filter", cutoff_frequency_hz=20.0),
    peak(300.0, 2.0),
    peak(300.0, -1.9),
    peak(880.0, 5.5),
    {"mix": [{"weight": 0.02, **CLEAN}, {"weight": 0.97, "chain": [drive(13.5)]}]},
    effect("compressor", threshold_db=-20.0, ratio=1.02, attack_ms=5.0, release_ms=90.0),
    peak(2_000.0, 0.2),
    gain(-3.2),
    effect("delay", delay_seconds=0.2, feedback=0.3, mix=0.005),
    effect("reverb", room_size=0.4, damping=0.3, wet_level=0.005, dry_level=0.5, width=1.0),
]


def chain(*nodes: dict[str, Any]) -> Candidate:
    """Return a chain of which all is free that does something in mono."""
    stage, values, _ = parse_chain({"chain": list(nodes)}, "test")
    free = np.array([not slot.spec.stereo_only for slot in stage.slots()], dtype=bool)
    return Candidate(stage, values, free)


def pair(*nodes: dict[str, Any], seconds: float = 1.0) -> Problem:
    """Return a dry recording and what a chain makes of it."""
    hidden = chain(*nodes)
    dry = plucked_strings(seconds, RATE, seed=3)
    wet = hidden.stage.plugin(Playback(RATE), hidden.values)(dry, RATE)
    return Problem(dry, wet, 0, RATE, 1)


def error_on(problem: Problem) -> Any:
    """Return what makes the error of a candidate on all of a pair."""

    def make_error(candidate: Candidate) -> AnyObjective:
        excerpt = Excerpt(problem.dry, problem.wet, 0)
        return make_objective(candidate.stage, candidate.values, candidate.free, [excerpt], RATE)

    return make_error


def kinds(candidate: Candidate) -> list[str]:
    """Return the kinds of the chain's values' effects, each once, in order."""
    return list(dict.fromkeys(slot.kind for slot in candidate.stage.slots()))


def test_an_overfull_chain_becomes_the_hidden_one_and_then_nothing() -> None:
    path = eliminate(chain(*OVERFULL), error_on(pair(*TRUE)), Budget(seconds=60.0))
    best = min(path, key=price_of)
    assert kinds(best) == ["peak_filter", "distortion", "gain"]
    assert best.loss is not None and best.loss < 1e-9
    assert best.values == pytest.approx([900.0, 6.0, 1.0, 14.0, -3.0], rel=1e-2)
    knobs = [complexity(each).knobs for each in path[path.index(best) :]]
    assert knobs[-1] == 0 and knobs == sorted(knobs, reverse=True)


def test_a_clean_branch_that_belongs_there_is_kept() -> None:
    mix = {"mix": [{"weight": 0.6, **CLEAN}, {"weight": 0.4, "chain": [drive(20.0)]}]}
    overfull = [peak(400.0, 0.1), mix, peak(1_500.0, -6.5), peak(3_000.0, -0.3), gain(0.0)]
    path = eliminate(chain(*overfull), error_on(pair(mix, peak(1_500.0, -7.0))), Budget(steps=200))
    best = min(path, key=price_of)
    assert any(isinstance(each, Mix) for each in best.stage.stages)  # type: ignore[attr-defined]
    assert complexity(best).knobs == 6 and best.loss is not None and best.loss < 1e-9


def test_dry_through_idle_stages_needs_no_stage() -> None:
    path = eliminate(chain(*OVERFULL[:3], gain(0.3)), error_on(pair()), Budget(steps=60))
    best = min(path, key=price_of)
    assert complexity(best) == complexity(chain()) and best.loss == 0.0


def test_what_is_fixed_stays() -> None:
    overfull = chain(*OVERFULL)
    fixed = [slot.kind in ("compressor", "highpass_filter") for slot in overfull.stage.slots()]
    overfull.free[fixed] = False
    for each in eliminate(overfull, error_on(pair(*TRUE)), Budget(steps=30)):
        assert {"compressor", "highpass_filter"} <= set(kinds(each))
        values = dict(zip([s.name for s in each.stage.slots()], each.values, strict=True))
        assert values["compressor.ratio"] == 1.02


def test_an_echo_that_is_later_than_the_brief_excerpt_is_kept() -> None:
    echo = effect("delay", delay_seconds=1.6, feedback=0.2, mix=0.4)
    problem, overfull = (
        pair(gain(-3.0), echo, seconds=5.0),
        chain(peak(500.0, 0.3), gain(-3.1), echo),
    )
    template = Template("test", overfull.stage, overfull.values, overfull.free)
    context = SearchContext((problem,), template, Budget(steps=60), ())
    found = eliminate_stages(start_state(context, 0), context, PlannedMove("elimination")).best
    assert found is not None and sorted(kinds(found)) == ["delay", "gain"]


def test_no_gain_joins_a_chain_that_has_none() -> None:
    problem = pair(gain(-6.0), peak(900.0, 6.0))
    mix = {"mix": [{"weight": 0.5, **CLEAN}, {"weight": 0.1, "chain": [drive(1.0)]}]}
    overfull = chain(mix, peak(880.0, 5.5))
    template = Template("test", overfull.stage, overfull.values, overfull.free)
    context = SearchContext((problem,), template, Budget(steps=60), ())
    state = eliminate_stages(start_state(context, 0), context, PlannedMove("elimination"))
    assert all("gain" not in kinds(each.candidate) for each in state.front)
    assert min(each.judged for each in state.front) < 1e-6


def test_two_stereo_recordings_of_free_level() -> None:
    hidden = chain(peak(900.0, 6.0), drive(14.0))
    pairs = []
    for seed, level in ((3, 1.0), (4, 0.5)):
        one = plucked_strings(1.0, RATE, seed=seed)
        dry = np.concatenate([one, 0.7 * one[:, ::-1]])
        wet = hidden.stage.plugin(Playback(RATE), hidden.values)(dry, RATE)
        pairs.append(Excerpt(dry, np.float32(level) * wet, 0, gain_free=True))

    def make_error(candidate: Candidate) -> AnyObjective:
        return make_objective(candidate.stage, candidate.values, candidate.free, pairs, RATE)

    overfull = chain(peak(300.0, 0.5), peak(880.0, 5.5), drive(13.0), peak(2_000.0, -0.4))
    best = min(eliminate(overfull, make_error, Budget(steps=80)), key=price_of)
    assert kinds(best) == ["peak_filter", "distortion"] and complexity(best).knobs == 4
    assert best.loss is not None and best.loss < 1e-9


def test_the_budget_ends_it_and_it_repeats() -> None:
    make_error = error_on(pair(*TRUE))
    paths = []
    for _ in range(2):
        budget = Budget(steps=12)
        paths.append(eliminate(chain(*OVERFULL), make_error, budget))
        assert budget.taken == 12
    first, second = paths
    assert [each.loss for each in first] == [each.loss for each in second]
    over = Budget(steps=12, taken=12)
    assert len(eliminate(chain(*OVERFULL), make_error, over)) == 1


def test_it_can_end_at_any_moment() -> None:
    overfull, make_error = chain(*OVERFULL), error_on(pair(*TRUE))
    for readings in range(1, 60, 2):
        # seconds that pass at every look at the clock
        budget = Budget(seconds=float(readings), clock=partial(next, count()))
        path = eliminate(overfull, make_error, budget)
        assert all(each.loss is not None for each in path)


def test_the_forecast_counts_what_the_others_make_up_for() -> None:
    make_error = error_on(pair(*TRUE))
    twice = chain(peak(900.0, 3.0), peak(900.0, 3.0), drive(14.0), gain(-3.0))
    units = removable_units(twice)
    forecast = Forecast(twice, units, make_error)
    both, alone = forecast.error([0, 1]), forecast.error([0])
    assert alone < 0.1 * both
    without = forecast.without([0])
    error = make_error(without)
    assert float(error.losses(error.cube(without.values)[None])[0]) < 0.5 * both


def test_the_move_leaves_the_simplest_of_equal_chains() -> None:
    problem = pair(*TRUE)
    overfull = chain(*OVERFULL)
    template = Template("test", overfull.stage, overfull.values, overfull.free)
    context = SearchContext((problem,), template, Budget(seconds=60.0), ())
    state = start_state(context, seed=0)
    found = eliminate_stages(state, context, PlannedMove("elimination"))
    assert found.best is not None and kinds(found.best) == ["peak_filter", "distortion", "gain"]
    assert "chain[8] (delay)" in found.pruned
    over = eliminate_stages(state, context, PlannedMove("elimination", until=0.0))
    assert over is state


def test_a_chain_of_the_front_is_taken_with_its_own_latency() -> None:
    """A recurrent cell may have been aligned otherwise than the chain that it replaced."""
    problem, both = pair(*TRUE), chain(*TRUE)
    template = Template("test", both.stage, both.values, both.free, bounds=Bounds(knobs=1))
    context = SearchContext((problem,), template, Budget(seconds=60.0), ())
    other = FrontPoint(replace(chain(drive(14.0)), latency_shifts=(2.0,)), 1e-9, 1e-9)
    state = replace(start_state(context, seed=0), front=(other,))
    found = eliminate_stages(state, context, PlannedMove("elimination"))
    assert found.best is not None and kinds(found.best) == ["distortion"]
    assert found.latency_shifts == (2.0,)
