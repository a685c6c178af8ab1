"""The front of judged error against knobs and stages."""

import json
from dataclasses import replace
from math import inf

import numpy as np
import pytest

from fxchain.data.presets import noise_assets
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.front import (
    FrontPoint,
    choose,
    front,
    with_final,
)
from fxchain.matching.search.front_judgement import Judge, judged
from fxchain.matching.search.schedule import start_state
from fxchain.matching.search.snapshot import Snapshot
from fxchain.objectives.excerpt import Excerpt, choose_excerpts
from fxchain.optim.budget import Budget
from fxchain.preset import parse_chain
from fxchain.primitives import get_primitive
from fxchain.recordings.problem import Problem
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import Bounds
from fxchain.structure.template import Template
from tests.known_pair import RATE, effect

GAIN = effect("gain", gain_db=0.0)
PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=6.0, q=0.9)
DRIVE = effect("distortion", drive_db=14.0)


def chain(*nodes: object) -> Candidate:
    """Return a chain of which all is free."""
    stage, values, _ = parse_chain({"chain": list(nodes)}, "test")
    return Candidate(stage, values, np.ones(stage.size, dtype=bool))


def point(judged_error: float, *nodes: object) -> FrontPoint:
    """Return a point; its fitted error is small, and does not count."""
    return FrontPoint(chain(*nodes), 1e-9, judged_error)


NOTHING, LEVEL, TONE = point(0.5), point(0.4, GAIN), point(0.01, PEAK)
BOTH, OVERFITTED = point(0.0099, PEAK, GAIN), point(0.02, PEAK, DRIVE, GAIN)
POINTS = (OVERFITTED, BOTH, TONE, LEVEL, NOTHING)


def test_points_that_another_one_dominates_are_no_part_of_it() -> None:
    assert front(POINTS) == (NOTHING, LEVEL, TONE, BOTH)
    assert front((TONE, replace(TONE, fitted=0.2))) == (TONE,)
    assert front((TONE, point(inf, GAIN))) == (TONE,)
    exact = point(1e-12, PEAK)
    assert front((point(1e-14, PEAK, GAIN), exact)) == (exact,)
    assert front(()) == ()


def test_what_only_the_fitted_part_has_counts_where_nothing_is_left_elsewhere() -> None:
    peaks = FrontPoint(chain(), 5e-5, 0.0)  # the parts that were not fitted are never clipped
    clipped = FrontPoint(chain(DRIVE), 1e-17, 0.0)
    assert front((peaks, clipped)) == (peaks, clipped)
    assert choose((peaks, clipped)) is clipped
    near, far = FrontPoint(chain(DRIVE), 0.015, 0.99e-5), FrontPoint(chain(DRIVE), 0.02, 1.01e-5)
    assert front((far, near)) == (near,) and choose((far, near)) is near
    overfitted = FrontPoint(chain(DRIVE), 1e-9, 0.02)
    assert choose((overfitted, FrontPoint(chain(), 5e-3, 0.02))).knobs == 0


def test_fewer_stages_with_more_knobs_are_another_choice() -> None:
    two = point(0.01, GAIN, DRIVE)
    assert front((TONE, two)) == (two, TONE)


def test_the_knee_is_taken_or_the_best_within_bounds() -> None:
    points = front(POINTS)
    assert choose(points) is TONE
    assert choose(points, Bounds(knobs=4)) is BOTH
    assert choose(points, Bounds(knobs=2)) is LEVEL
    assert choose(points, Bounds(stages=1)) is TONE
    assert choose(points[1:], Bounds(knobs=0)) is LEVEL  # the simplest, where none is within
    exact = (point(1e-12, PEAK), point(1e-14, PEAK, GAIN))
    assert choose(exact, Bounds(knobs=9)) is exact[0]
    with pytest.raises(ValueError, match="no points"):
        choose(())


def test_the_final_chain_takes_the_place_of_its_structure() -> None:
    points = front(POINTS)
    final = TONE.candidate.at(TONE.candidate.values + 0.1, 0.009)
    changed, number = with_final(points, final)
    assert number == 2 and changed[2].candidate is final and changed[2].judged == TONE.judged
    assert changed[:2] == points[:2] and changed[3:] == points[3:]
    other = replace(chain(DRIVE, GAIN), loss=0.3)
    changed, number = with_final(points, other)
    assert number == 2 and changed[2] == FrontPoint(other, 0.3, 0.3) and len(changed) == 5
    assert with_final((), other) == ((FrontPoint(other, 0.3, 0.3),), 0)


def halves() -> Problem:
    """Return a pair of which the second half is twice as loud as the dry, the first equal."""
    dry = 0.1 * white_noise(2.0, RATE, 0)
    gain = np.where(np.arange(dry.shape[-1]) < RATE, 1.0, 2.0).astype(np.float32)
    return Problem(dry, dry * gain, 0, RATE, 1)


def excerpt_of(problem: Problem, begin: int, end: int, first_valid: int = 0) -> Excerpt:
    """Return some samples of a pair."""
    span = slice(begin, end)
    return Excerpt(problem.dry[:, span], problem.wet[:, span], first_valid, first_sample=begin)


def test_what_was_not_fitted_judges() -> None:
    problem = halves()
    whole, first = excerpt_of(problem, 0, 2 * RATE), excerpt_of(problem, 0, RATE)
    found = Judge([whole], [first], RATE).point(chain())
    assert found.fitted == 0.0 and found.judged == pytest.approx(0.25)
    # the warm-up of an excerpt is not compared, so it was not fitted
    second = excerpt_of(problem, RATE // 2, 2 * RATE, first_valid=RATE // 2)
    found = Judge([whole], [second], RATE).point(chain())
    assert found.fitted == pytest.approx(0.25) and found.judged == 0.0


def test_all_judges_where_hardly_anything_was_left_out() -> None:
    problem = halves()
    whole = excerpt_of(problem, 0, 2 * RATE)
    power = np.square(problem.wet).sum()
    error = np.square(problem.wet - problem.dry).sum() / power
    most = excerpt_of(problem, RATE // 4, 2 * RATE)
    assert Judge([whole], [most], RATE).point(chain()).judged == pytest.approx(error, rel=1e-5)
    silent = replace(problem, wet=problem.wet * (np.arange(2 * RATE) >= RATE))
    loud = excerpt_of(silent, RATE, 2 * RATE)
    whole = excerpt_of(silent, 0, 2 * RATE)
    error = np.square(silent.wet - silent.dry).sum() / np.square(silent.wet).sum()
    found = Judge([whole], [loud], RATE).point(chain())
    assert found.judged == pytest.approx(float(error), rel=1e-5) and found.judged > found.fitted


def test_what_was_fitted_elsewhere_keeps_its_loss() -> None:
    problem = halves()
    first, second = excerpt_of(problem, 0, RATE), excerpt_of(problem, RATE, 2 * RATE)
    found = Judge([first], [second], RATE).point(replace(chain(), loss=0.25))
    assert found.fitted == 0.25 and found.judged == 0.0


def test_a_level_that_is_free_does_not_count_and_recordings_count_alike() -> None:
    problem = halves()
    second = excerpt_of(problem, RATE, 2 * RATE)
    free = replace(second, gain_free=True)
    assert Judge([free], [free], RATE).point(chain()).fitted == pytest.approx(0.0, abs=1e-12)
    first = excerpt_of(problem, 0, RATE)
    both = Judge([first, second], [first, second], RATE).point(chain())
    assert both.judged == pytest.approx(0.125)


def test_judged_candidates_join_the_front_of_the_state() -> None:
    dry = plucked_strings(3.0, RATE, seed=2)
    problem = Problem(dry, 0.5 * dry, 0, RATE, 1)
    candidate = chain(GAIN)
    template = Template("test", candidate.stage, candidate.values, candidate.free)
    context = SearchContext((problem,), template, Budget(steps=9), ())
    state = start_state(context, 0)
    used = choose_excerpts([problem], 1.0)
    state = judged(state, context, [candidate, chain()], used)
    assert [each.knobs for each in state.front] == [0]
    halved = candidate.at(np.array([-20.0 * np.log10(2.0)]))
    state = judged(state, context, [halved], used)
    assert [each.knobs for each in state.front] == [0, 1]
    assert state.front[0].judged == pytest.approx(1.0, rel=1e-3)
    assert state.front[1].judged < 1e-9


def test_a_checkpoint_keeps_it() -> None:
    dry = plucked_strings(0.5, RATE, seed=2)
    candidate = chain(PEAK)
    template = Template("test", candidate.stage, candidate.values, candidate.free)
    budget = Budget(steps=9)
    context = SearchContext((Problem(dry, dry, 0, RATE, 1),), template, budget, ())
    state = replace(start_state(context, 0), front=(NOTHING, replace(TONE, fitted=1 / 3)))
    node = json.loads(json.dumps(Snapshot.of(state, budget).to_json()))
    back = Snapshot.from_json(node, "test").state.front
    assert [(each.fitted, each.judged) for each in back] == [(1e-9, 0.5), (1 / 3, 0.01)]
    assert back[1].candidate.stage == TONE.candidate.stage and back[1].candidate.loss is None
    assert np.array_equal(back[1].candidate.values, TONE.candidate.values)
    assert back[1].candidate.free.all()


def test_a_chain_of_knobs_stays_beside_what_was_measured() -> None:
    """A recurrent cell has no knobs to be read, however little it leaves."""
    cell = get_primitive("recurrent_cell")
    stage = Effect(cell, noise_assets(cell, np.random.default_rng(0)))
    network = FrontPoint(Candidate(stage, np.ones(1), np.zeros(1, dtype=bool)), 1e-3, 1e-3)
    knobs = FrontPoint(chain(GAIN), 0.1, 0.1)
    assert not network.dominates(knobs) and not knobs.dominates(network)
    points = front([network, knobs])
    assert set(points) == {network, knobs}
    assert choose(points) is network
    assert choose(points, Bounds(measured=False)) is knobs
    assert str(Bounds(3, measured=False)) == "--knobs 3 --only-knobs"
