"""The whole fit on a small hidden chain."""

import contextlib
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from fxchain.alignment.fractional_delay import advanced
from fxchain.data.signals import white_noise
from fxchain.matching.search import schedule
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.growth import QUICK, Population, refitted
from fxchain.matching.search.growth_move import grow, kept, least_chain, running
from fxchain.matching.search.schedule import fit, start_state
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.try_recurrent_cell import WORTH_A_CELL
from fxchain.objectives.excerpt import LOUDNESS_WEIGHTING
from fxchain.objectives.loudness_weighting import loudness_weighting
from fxchain.optim.budget import Budget
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import AUDIBLE, FLOOR, price_of
from fxchain.structure.named import named_chain
from fxchain.structure.proposal import empty_chain
from fxchain.structure.template import Template
from tests.known_pair import RATE, known_pair


def _template(**changes: object) -> Template:
    _, stage, values = known_pair(0.5)
    free = np.array([slot.spec.name != "width" for slot in stage.slots()])
    start = np.array(
        [
            value if not chosen else slot.spec.default
            for slot, value, chosen in zip(stage.slots(), values, free, strict=True)
        ]
    )
    fields = {"name": "test", "stage": stage, "values": start, "free": free, **changes}
    return Template(**fields)  # type: ignore[arg-type]


def _error(problem: Problem, found: object, evened: float = 0.0) -> float:
    board = found.stage.plugin(Playback(RATE), found.values)  # type: ignore[attr-defined]
    gain = loudness_weighting(problem.wet, RATE, evened)
    error = gain * (board(problem.dry, RATE) - problem.wet)
    return float(np.sum(error**2) / np.sum((gain * problem.wet) ** 2))


def test_a_hidden_chain_is_found_again() -> None:
    problem, _, _ = known_pair(3.0)
    found = fit(problem, _template(), Budget(steps=60), seed=0)
    assert _error(problem, found) < 1e-3
    names = [slot.name for slot in found.stage.slots()]
    seconds = found.values[names.index("delay.delay_seconds")]
    assert int(seconds * RATE) == 1_600


def test_the_loss_it_reports_is_the_boards() -> None:
    problem, _, _ = known_pair(1.5)
    found = fit(problem, _template(), Budget(steps=4), seed=0)
    assert found.loss == pytest.approx(_error(problem, found, LOUDNESS_WEIGHTING), rel=1e-3)
    assert found.loss > 1e-7  # not yet at the precision of the samples


@pytest.mark.parametrize("gains", [True, False])
@pytest.mark.parametrize("loss", [0.02, 1e-3, 5e-6, 1e-8])
def test_moves_are_made_where_the_best_leaves_enough(
    monkeypatch: pytest.MonkeyPatch, loss: float, gains: bool
) -> None:
    """The named chain is for what can be heard where growth is going to leave it; eliminations are
    always made."""
    problem, _, _ = known_pair(0.5)
    made = []

    def explain(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
        best = replace(state.best, loss=loss)
        before = price_of(best) + (20.0 if gains else 0.5)
        population = Population((best,), prices=(before, before), cost=0.5)
        return replace(state, best=best, population=population)

    def note(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
        made.append(move.name)
        return state

    moves = {name: note for name in schedule.MOVES}
    monkeypatch.setattr(schedule, "MOVES", moves | {"grow": explain})
    growing = _template(grows=("gain",), response=True)
    fit(problem, growing, Budget(steps=20), seed=0)
    heard = {"coarse to fine", "join"}
    joins = loss > AUDIBLE and not gains
    assert heard.issubset(made) == joins
    assert heard.isdisjoint(made) != joins
    assert ("latency" in made) == (joins and loss <= WORTH_A_CELL)
    assert ("filter alone" in made) == (loss > AUDIBLE)
    assert ("join drives" in made) == (loss > 0.01)
    assert ("impulse response" in made) == (loss > FLOOR)
    assert {"eliminate", "settle long"}.issubset(made)


@pytest.mark.parametrize("moves_by_itself", [False, True])
def test_searches_among_steady_chains_are_left_out_where_the_best_moves(
    monkeypatch: pytest.MonkeyPatch, moves_by_itself: bool
) -> None:
    problem, _, _ = known_pair(0.5)
    kind, made = ("tremolo" if moves_by_itself else "distortion"), []
    stage, values, _ = parse_chain({"chain": [{"primitive": kind}]}, "the chain")
    best = Candidate(stage, values, np.ones(len(values), dtype=bool), loss=0.02)

    def note(state: SearchState, context: SearchContext, move: PlannedMove) -> SearchState:
        made.append(move.name)
        return replace(state, best=best)

    monkeypatch.setattr(schedule, "MOVES", dict.fromkeys(schedule.MOVES, note))
    monkeypatch.setattr(schedule, "_growth_suffices", lambda *_: False)
    growing = _template(grows=("gain",), response=True, moving=("tremolo",), periodic=True)
    fit(problem, growing, Budget(steps=20), seed=0)
    steady = {"join drives", "filter alone", "coarse to fine", "join"}
    assert steady & set(made) == (set() if moves_by_itself else steady)
    assert made.count("moving effects") == 2 and "periodic filter" in made


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_a_search_of_few_steps_ends(steps: int) -> None:
    """Where less than a step is left of the share of a move, the move ends."""
    problem, _, _ = known_pair(0.5)
    budget = Budget(steps=steps)
    fit(problem, named_chain("default"), budget, seed=0)
    assert budget.taken <= steps


@pytest.mark.parametrize(
    ("late", "unexplained", "expected"), [(0.01, 0.5, 0.0), (0.4, 0.5, 0.4), (0.4, 0.0, 0.4)]
)
def test_a_part_of_a_sample_must_be_worth_a_knob(
    late: float, unexplained: float, expected: float
) -> None:
    dry, other = white_noise(1.0, RATE, seed=2), white_noise(1.0, RATE, seed=3)
    wet = advanced(dry, -late) + np.float32(unexplained) * other
    context = SearchContext((Problem(dry, wet, 0, RATE, 1),), _template(), Budget(steps=4), ())
    state = replace(start_state(context, 0), best=None)
    found = replace(empty_chain(), latency_shifts=(late,))
    assert kept(state, context, found).latency_shifts == (expected,)


def test_the_first_generation_has_time_and_no_further_one_begins_late() -> None:
    """In some seconds on a busy computer, a share for the beginning is less than a generation."""
    problem, _, _ = known_pair(1.0)
    problem = replace(problem, wet=np.tanh(8.0 * problem.dry))
    context = SearchContext((problem,), _template(grows=("distortion",)), Budget(steps=60), ())
    move = PlannedMove("grow", 0.1, above=0.0, growing=True, begins=0.05)
    state = grow(grow(start_state(context, 0), context, move), context, move)
    assert state.best is not None and (state.best.loss or 0.0) < 1e-6
    assert len(state.population.prices) == 1 and context.budget.used > move.until
    assert grow(state, context, move) is state


def test_time_before_a_batch_of_refits_is_no_part_of_its_steps() -> None:
    """A step as long as all that went before it would end the search."""
    seconds = [0.0]
    budget = Budget(seconds=10.0, clock=lambda: seconds[0])
    problem, _, _ = known_pair(1.0)
    context = SearchContext((problem,), _template(grows=("distortion",)), budget, ())
    state = start_state(context, 0)
    seconds[0] = 8.0
    run = running(state, context, 1.0)
    assert refitted([least_chain(context.template)], QUICK, run) and not budget.over


def test_it_tells_when_the_best_became_better() -> None:
    problem, _, _ = known_pair(1.0)
    found = fit(problem, _template(), Budget(steps=12), seed=0)
    seconds, losses = zip(*found.kept, strict=True)
    assert list(seconds) == sorted(seconds) and seconds[0] >= 0.0
    assert losses[-1] == found.loss <= losses[0]


def test_steps_are_counted_and_results_repeat() -> None:
    problem, _, _ = known_pair(1.0)
    budgets = [Budget(steps=15), Budget(steps=15)]
    first, second = (fit(problem, _template(), budget, seed=5) for budget in budgets)
    assert np.array_equal(first.values, second.values)
    assert 12 <= budgets[0].taken == budgets[1].taken <= 15
    assert [entry["loss"] for entry in first.history] == [entry["loss"] for entry in second.history]


def test_fixed_values_are_kept() -> None:
    problem, _, _ = known_pair(1.0)
    template = _template()
    names = [slot.name for slot in template.stage.slots()]
    ratio = names.index("compressor.ratio")
    values, free = template.values.copy(), template.free.copy()
    values[ratio], free[ratio] = 4.0, False
    found = fit(problem, _template(values=values, free=free), Budget(steps=10), seed=0)
    taken = dict(zip([s.name for s in found.stage.slots()], found.values, strict=True))
    assert taken["compressor.ratio"] == 4.0


def test_a_start_is_never_made_worse() -> None:
    problem, _stage, values = known_pair(1.5)
    template = _template(values=values, started=True)
    found = fit(problem, template, Budget(steps=5), seed=0)
    assert _error(problem, found) < 1e-4


def test_a_stop_keeps_the_best_so_far() -> None:
    problem, _, _ = known_pair(1.0)

    def stop(phase: str, loss: float, share: float) -> None:
        if share >= 0.2:
            raise KeyboardInterrupt

    found = fit(problem, _template(), Budget(steps=20, progress=stop), seed=0)
    assert found.interrupted
    assert _error(problem, found, LOUDNESS_WEIGHTING) == pytest.approx(found.loss, rel=1e-3)


def test_a_stop_is_heard_where_its_exception_would_be_swallowed() -> None:
    problem, _, _ = known_pair(1.0)

    def swallowing(phase: str, loss: float, share: float) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

    found = fit(problem, _template(), Budget(steps=20, progress=swallowing), seed=0)
    assert found.interrupted
    assert len(found.history) < 5


def test_a_bias_is_found_where_there_is_one() -> None:
    problem, _, _ = known_pair(2.0)
    dry = problem.dry
    wet = (np.tanh(6.0 * dry + 0.6) - np.tanh(0.6)).astype(np.float32)
    node = {"chain": [{"mix": [{"chain": [{"primitive": "distortion"}]}]}]}
    stage, values, free = parse_chain(node, "test")
    for allowed in (True, False):
        grows = ("distortion", *(["waveshaper"] if allowed else []))
        template = Template("test", stage, values, free, grows=grows)
        found = fit(Problem(dry, wet, 0, RATE, 1), template, Budget(steps=40), seed=0)
        kinds = {slot.kind for slot in found.stage.slots()}
        assert ("waveshaper" in kinds) is allowed
        assert (found.loss < 1e-5) is allowed


def _gain_alone(**changes: object) -> Template:
    stage, values, free = parse_chain({"chain": [{"primitive": "gain"}]}, "the test's chain")
    fields = {"name": "gain", "stage": stage, "values": values, "free": free, **changes}
    return Template(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hidden", "settings"), [("peak_filter", {"gain_db": 9.0}), ("distortion", {"drive_db": 15.0})]
)
def test_a_grown_chain_keeps_what_is_locked(hidden: str, settings: dict[str, float]) -> None:
    dry = known_pair(2.0)[0].dry
    squeezed = {"threshold_db": -30.0, "ratio": 6.0}
    node = {
        "chain": [
            {"primitive": hidden, "parameters": settings},
            {"primitive": "compressor", "parameters": squeezed},
        ]
    }
    stage, values, free = parse_chain(node, "the hidden chain")
    wet = stage.plugin(Playback(RATE), values)(dry, RATE)
    node = {"chain": [{"primitive": "compressor", "parameters": {"ratio": 4.0}}]}
    stage, values, free = parse_chain(node, "the template")
    template = Template("test", stage, values, free, locked=True, grows=("peak_filter", hidden))
    found = fit(Problem(dry, wet, 0, RATE, 1), template, Budget(steps=120), seed=0)
    taken = dict(zip([slot.name for slot in found.stage.slots()], found.values, strict=True))
    assert taken["compressor.ratio"] == 4.0
    assert hidden in {slot.kind for slot in found.stage.slots()}
    assert found.loss < 1e-2


def _through_a_cabinet() -> Problem:
    rng = np.random.default_rng(1)
    dry = (0.1 * rng.standard_normal((1, 3 * RATE))).astype(np.float32)
    taps = rng.standard_normal(300) * np.geomspace(1.0, 1e-3, 300)
    wet = np.convolve(dry[0], taps)[: dry.shape[1]].astype(np.float32)[None]
    return Problem(dry, wet, 0, RATE, 1)


def test_a_response_is_measured_where_no_knob_helps() -> None:
    problem = _through_a_cabinet()
    found = fit(problem, _gain_alone(response=True), Budget(steps=20), seed=0)
    assert "convolution" in {slot.kind for slot in found.stage.slots()}
    assert any("impulse response" in note for note in found.notes)
    assert _error(problem, found) < 1e-4


def test_a_response_can_be_forbidden() -> None:
    problem = _through_a_cabinet()
    found = fit(problem, _gain_alone(response=False), Budget(steps=20), seed=0)
    assert {slot.kind for slot in found.stage.slots()} == {"gain"}
