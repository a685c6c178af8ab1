"""A measured periodic filter in the search."""

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.matching.search import try_periodic_filter as moves
from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.schedule import planned, start_state
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.try_periodic_filter import (
    describe_periodic,
    has_periodic_filter,
    try_periodic_filter,
    try_periodic_filter_alone,
)
from fxchain.optim.budget import Budget
from fxchain.periodic.measured_delay import MeasuredDelay
from fxchain.player import Asset
from fxchain.preset import Preset
from fxchain.recordings.problem import Problem
from fxchain.structure.named import named_chain
from tests.periodic.test_measured import MOVED_HZ, RATE, SECONDS, moved

MOVE = PlannedMove("periodic filter alone")


def _begun(wet: np.ndarray, dry: np.ndarray, count: int = 1) -> tuple[SearchState, SearchContext]:
    problems = (Problem(dry, wet, 0, RATE, 1),) * count
    context = SearchContext(problems, named_chain("default"), Budget(steps=100), ())
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


def test_a_delay_that_is_not_worth_it_keeps_no_filter_away(monkeypatch) -> None:
    dry, nothing = white_noise(SECONDS, RATE), Asset(np.zeros((1, 8), np.float32), RATE)
    delay = MeasuredDelay(nothing, nothing, (1.0,), checked=0.008, constant=0.05)
    monkeypatch.setattr(moves, "measure_delay", lambda *_: delay)
    state = try_periodic_filter_alone(*_begun(moved(dry), dry), MOVE)
    assert has_periodic_filter(state.best) and (state.best.loss or 1.0) < 1e-3


@pytest.mark.parametrize("attempt", [try_periodic_filter_alone, try_periodic_filter])
def test_nothing_is_invented_where_nothing_moves(attempt: object) -> None:
    dry = white_noise(SECONDS, RATE)
    begun, context = _begun(np.tanh(5.0 * dry), dry)
    assert attempt(begun, context, MOVE) is begun  # type: ignore[operator]


def test_several_recordings_have_no_common_phase() -> None:
    dry = white_noise(SECONDS, RATE)
    begun, context = _begun(moved(dry), dry, count=2)
    assert try_periodic_filter_alone(begun, context, MOVE) is begun


@pytest.mark.parametrize("limits", [{"response": False}, {"only_pedalboard": True}])
def test_it_is_left_out_where_that_is_asked(limits: dict[str, bool]) -> None:
    names = {move.name for move in planned(named_chain("default", **limits))}
    assert not names & {"periodic filter", "periodic filter alone"}
    assert {"periodic filter"} < {move.name for move in planned(named_chain("default"))}
