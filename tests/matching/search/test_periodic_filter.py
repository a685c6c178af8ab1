"""A measured periodic filter in the search."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.matching.search import try_periodic_filter as moves
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.growth import Population
from fxchain.matching.search.measured_movement import (
    describe_periodic,
    has_periodic_filter,
    with_periodic_filter,
)
from fxchain.matching.search.schedule import planned, start_state
from fxchain.matching.search.snapshot import Snapshot
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.try_periodic_filter import (
    describe_slow,
    try_periodic_filter,
    try_periodic_filter_alone,
    try_periodic_filter_instead,
)
from fxchain.optim.budget import Budget
from fxchain.periodic.measured import MeasuredPeriodicFilter
from fxchain.periodic.measured_allpass import MeasuredAllpass
from fxchain.periodic.measured_delay import MeasuredDelay
from fxchain.player import Asset
from fxchain.preset import Preset, parse_chain
from fxchain.recordings.problem import Problem
from fxchain.stage import in_recording
from fxchain.structure.candidate import Candidate
from fxchain.structure.named import named_chain
from tests.periodic.test_measured import MOVED_HZ, RATE, SECONDS, moved

MOVE = PlannedMove("periodic filter alone")


def _begun(wet: np.ndarray, dry: np.ndarray) -> tuple[SearchState, SearchContext]:
    context = SearchContext(
        (Problem(dry, wet, 0, RATE, 1),), named_chain("default"), Budget(steps=100), ()
    )
    return start_state(context, 0), context


def test_it_stands_alone_where_it_explains_nearly_all() -> None:
    dry = white_noise(SECONDS, RATE)
    state = try_periodic_filter_alone(*_begun(moved(dry), dry), MOVE)
    best = state.best
    assert best is not None and has_periodic_filter(best)
    assert (best.loss or 1.0) < 1e-3
    (sentence,) = describe_periodic(best)
    assert f"at {MOVED_HZ:.3g} Hz" in sentence
    board = Preset(best.stage, best.values, RATE).board(RATE)
    played, wet = board(dry, RATE, reset=True), moved(dry)
    assert np.sum((played - wet) ** 2) < 1e-3 * np.sum(wet**2)


def test_a_delay_without_the_dry_moves_the_latency() -> None:
    """The recording was aligned to the mean of its delays, half of which come before that."""
    dry, mean = plucked_strings(4.0, RATE, 0), round(2e-3 * RATE)
    time = np.arange(dry.shape[1])
    late = RATE * (2e-3 + 1e-3 * np.sin(2.0 * np.pi * 2.3 * time / RATE))
    wet = np.interp(time - late, time, dry[0])[None].astype(np.float32)
    begun, context = _begun(wet[:, mean:], dry[:, :-mean])
    found = try_periodic_filter_alone(begun, context, MOVE)
    swing = 1e-3 * RATE
    assert found.latency_shifts == pytest.approx((-swing,), abs=0.4 * swing)
    assert found.best is not None and (found.best.loss or 1.0) < 1e-2
    assert begun.latency_shifts == (0.0,)


def test_a_delay_that_is_not_worth_it_keeps_no_filter_away(monkeypatch) -> None:
    dry, nothing = white_noise(SECONDS, RATE), Asset(np.zeros((1, 8), np.float32), RATE)
    delay = MeasuredDelay(nothing, nothing, (1.0,), checked=0.008, constant=0.05)
    monkeypatch.setattr(moves, "measure_delay", lambda *_: delay)
    monkeypatch.setattr(moves, "measure_allpass", lambda *_: None)
    state = try_periodic_filter_alone(*_begun(moved(dry), dry), MOVE)
    assert has_periodic_filter(state.best) and (state.best.loss or 1.0) < 1e-3


def test_no_delay_moves_where_a_long_steady_response_leaves_less(monkeypatch) -> None:
    dry, nothing = white_noise(SECONDS, RATE), Asset(np.zeros((1, 8), np.float32), RATE)
    echoes = np.zeros(RATE // 25)
    echoes[:: RATE // 200] = 0.8 ** np.arange(len(echoes[:: RATE // 200]))
    wet = np.convolve(dry[0], echoes)[None, : dry.shape[-1]].astype(np.float32)
    delay = MeasuredDelay(nothing, nothing, (1.0,), checked=0.005, constant=0.06)
    monkeypatch.setattr(moves, "measure_delay", lambda *_: delay)
    monkeypatch.setattr(moves, "measure_allpass", lambda *_: None)
    monkeypatch.setattr(moves, "movement", lambda evidence: 1.0)
    taken: list[object] = []
    monkeypatch.setattr(moves, "with_periodic_filter", lambda _, found, *__: taken.append(found))
    begun, context = _begun(wet, dry)
    monkeypatch.setattr(moves, "drive", lambda evidence: 0.5)
    assert try_periodic_filter_alone(begun, context, MOVE) is begun and not taken
    monkeypatch.setattr(moves, "steady_suffices", lambda *_: False)
    monkeypatch.setattr(moves, "drive", lambda evidence: 2.0)
    assert try_periodic_filter_alone(begun, context, MOVE) is begun and not taken  # it grows first
    monkeypatch.setattr(moves, "drive", lambda evidence: 0.5)
    assert try_periodic_filter_alone(begun, context, MOVE) is begun and taken == [delay]


@pytest.mark.parametrize(
    ("begun_by_one_that_moves", "share", "taken"),
    [
        (True, 0.4, True),
        (True, 0.6, False),
        (False, 0.4, False),
        (False, 0.08, True),
    ],
)
def test_a_delay_leaves_half_of_what_knobs_that_move_leave(
    monkeypatch: pytest.MonkeyPatch, begun_by_one_that_moves: bool, share: float, taken: bool
) -> None:
    """Of a chain that does not move it leaves a tenth, as of a steady filter."""
    dry, nothing = white_noise(SECONDS, RATE), Asset(np.zeros((1, 8), np.float32), RATE)
    delay = MeasuredDelay(nothing, nothing, (1.0,), checked=0.05 * share, constant=1.0)
    monkeypatch.setattr(moves, "measure_delay", lambda *_: delay)
    monkeypatch.setattr(moves, "measure_allpass", lambda *_: None)
    monkeypatch.setattr(moves, "measure_periodic_filter", lambda *_, **__: None)
    monkeypatch.setattr(moves, "movement", lambda evidence: 1.0)
    monkeypatch.setattr(moves, "drive", lambda evidence: 0.0)
    monkeypatch.setattr(moves, "residual_esr", lambda *_: 0.05)
    found: list[object] = []
    monkeypatch.setattr(moves, "with_periodic_filter", lambda _, each, *__: found.append(each))
    state, context = _begun(moved(dry), dry)
    if begun_by_one_that_moves:
        assert state.best is not None
        state = replace(state, population=Population((state.best,)))
    try_periodic_filter_alone(state, context, MOVE)
    assert bool(found) == taken


def test_it_takes_the_place_of_what_grew_where_it_explains_nearly_all() -> None:
    dry = white_noise(SECONDS, RATE)
    begun, context = _begun(moved(dry), dry)
    stage, values, _ = parse_chain({"chain": [{"primitive": "distortion"}]}, "the chain")
    grown = Candidate(stage, values, np.ones(len(values), bool))
    state = context.keep(replace(begun, best=None), grown, position(grown))
    found = try_periodic_filter_instead(state, context, MOVE).best
    assert found is not None and has_periodic_filter(found) and (found.loss or 1.0) < 1e-3
    assert next(slot.kind for slot in found.stage.slots()) == "periodic_filter"
    assert state.best is not None
    explained = replace(state, best=state.best.at(state.best.values, 1e-3))
    assert try_periodic_filter_instead(explained, context, MOVE) is explained
    noisy, context = _begun(np.tanh(5.0 * dry), dry)
    assert try_periodic_filter_instead(noisy, context, MOVE) is noisy


@pytest.mark.parametrize("attempt", [try_periodic_filter_alone, try_periodic_filter])
def test_nothing_is_invented_where_nothing_moves(attempt: object) -> None:
    dry = white_noise(SECONDS, RATE)
    begun, context = _begun(np.tanh(5.0 * dry), dry)
    assert attempt(begun, context, MOVE) is begun  # type: ignore[operator]


def test_several_recordings_have_phases_of_their_own() -> None:
    dries = [white_noise(SECONDS, RATE, seed=seed) for seed in (1, 2)]
    wets = [moved(dries[0]), moved(dries[1], first_sample=5_000)]
    problems = [
        Problem(dry, wet, 0, RATE, 1, recording=number)
        for number, (dry, wet) in enumerate(zip(dries, wets, strict=True))
    ]
    context = SearchContext(tuple(problems), named_chain("default"), Budget(steps=100), ())
    best = try_periodic_filter_alone(start_state(context, 0), context, MOVE).best
    assert best is not None and has_periodic_filter(best) and (best.loss or 1.0) < 1e-3
    (sentence,) = describe_periodic(best)
    assert "2 recordings" in sentence
    found = Preset.from_json(Preset(best.stage, best.values, RATE).to_json())  # the phases too
    for number, (dry, wet) in enumerate(zip(dries, wets, strict=True)):
        stage, values = in_recording(found.stage, found.values, number)
        played = Preset(stage, values, RATE).board(RATE)(dry, RATE, reset=True)
        assert np.sum((played - wet) ** 2) < 1e-3 * np.sum(wet**2)
    wrong = found.board(RATE)(dries[1], RATE, reset=True)
    assert np.sum((wrong - wets[1]) ** 2) > 0.1 * np.sum(wets[1] ** 2)


def test_less_than_a_period_is_refused_in_words() -> None:
    dry = plucked_strings(SECONDS, RATE, seed=3)
    time = np.arange(dry.shape[1])
    late = RATE * (4e-3 - 3e-3 * np.cos(2.0 * np.pi * 0.1 * time / RATE))
    wet = (0.6 * dry + 0.6 * np.interp(time - late, time, dry[0])).astype(np.float32)
    begun, context = _begun(wet, dry)
    state = try_periodic_filter_alone(begun, context, MOVE)
    assert not has_periodic_filter(state.best) and state.best is not None
    (sentence,) = describe_slow(state)
    assert "less than one period" in sentence and "4 s" in sentence
    explained = replace(state, best=state.best.at(state.best.values, 1e-4))
    assert describe_slow(explained) == ()  # by a chain that leaves less
    stage, values, _ = parse_chain({"chain": [{"primitive": "tremolo"}]}, "the chain")
    moves_now = replace(state.best, stage=stage, values=values, free=np.ones(len(values), bool))
    assert describe_slow(replace(state, best=moves_now)) == ()  # by one that moves
    again = Snapshot.from_json(Snapshot.of(state, context.budget).to_json(), "it").state
    assert again.slow == state.slow


@pytest.mark.parametrize("limits", [{"response": False}, {"only_pedalboard": True}])
def test_it_is_left_out_where_that_is_asked(limits: dict[str, bool]) -> None:
    names = {move.name for move in planned(named_chain("default", **limits))}
    assert not names & {"periodic filter", "periodic filter alone"}
    assert {"periodic filter"} < {move.name for move in planned(named_chain("default"))}


def test_all_passes_are_taken_and_named_where_a_filter_leaves_more_than_half(monkeypatch) -> None:
    dry = white_noise(SECONDS, RATE)
    begun, context = _begun(moved(dry), dry)

    def asset(samples: int) -> Asset:
        return Asset(np.full((1, samples), 0.1, np.float32), RATE)

    loop = {"feedback": 0.3, "loop_highpass_hz": 20.0, "loop_lowpass_hz": 9_000.0}
    allpass = MeasuredAllpass(asset(8), asset(4), asset(8), loop, (MOVED_HZ,), 0.015, 1.0)
    filter_ = MeasuredPeriodicFilter(asset(8), (MOVED_HZ,), (0.0,), 0.008, 1.0)
    monkeypatch.setattr(moves, "measure_delay", lambda *_: None)
    monkeypatch.setattr(moves, "measure_allpass", lambda *_: allpass)
    taken: list[object] = []
    monkeypatch.setattr(moves, "with_periodic_filter", lambda _, each, *__: taken.append(each))
    for left in (0.008, 0.007):
        found = replace(filter_, checked=left)
        monkeypatch.setattr(moves, "measure_periodic_filter", lambda *_, found=found, **__: found)
        try_periodic_filter_alone(begun, context, MOVE)
    assert taken[0] is allpass and taken[1] is not allpass
    chain = with_periodic_filter(begun.best, allpass, begun.latency_shifts)
    (sentence,) = describe_periodic(chain)
    assert "4 all-passes" in sentence and f"at {MOVED_HZ:.3g} Hz" in sentence
    named = {
        slot.spec.name: value for slot, value in zip(chain.stage.slots(), chain.values, strict=True)
    }
    assert named["feedback"] == 0.3 and named["rate_hz"] == MOVED_HZ


@pytest.mark.parametrize("drive", [0.0, 2.0])
def test_copies_are_measured_behind_the_growth_where_more_speaks_for_a_drive(
    monkeypatch: pytest.MonkeyPatch, drive: float
) -> None:
    dry, nothing = white_noise(SECONDS, RATE), Asset(np.zeros((1, 8), np.float32), RATE)
    delay = MeasuredDelay(nothing, nothing, (1.0,), checked=0.005, constant=1.0)
    monkeypatch.setattr(moves, "measure_delay", lambda *_: delay)
    monkeypatch.setattr(moves, "measure_periodic_filter", lambda *_, **__: None)
    monkeypatch.setattr(moves, "movement", lambda evidence: 1.0)
    monkeypatch.setattr(moves, "drive", lambda evidence: drive)
    monkeypatch.setattr(moves, "steady_suffices", lambda *_: False)
    monkeypatch.setattr(moves, "residual_esr", lambda *_: 0.5)
    taken: list[object] = []
    monkeypatch.setattr(moves, "with_periodic_filter", lambda _, found, *__: taken.append(found))
    try_periodic_filter_instead(*_begun(moved(dry), dry), MOVE)
    assert taken == ([delay] if drive else [])
