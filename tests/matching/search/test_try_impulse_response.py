"""The moves that put an impulse response behind a chain, or in place of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.search import try_impulse_response
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.schedule import fit, start_state
from fxchain.matching.search.state import PlannedMove
from fxchain.matching.search.try_impulse_response import try_filter_alone
from fxchain.objectives.excerpt import LOUDNESS_WEIGHTING
from fxchain.optim.budget import Budget
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.named import named_chain
from fxchain.structure.user_edits import for_pair, lock
from tests.hidden_response import decaying, filtered, noise
from tests.known_pair import RATE


def test_a_device_that_is_a_filter_grows_no_further() -> None:
    dry = noise(3.0)
    problem = Problem(dry, filtered(dry, decaying(200)), 0, RATE, 1)
    found = fit(problem, named_chain("drive"), Budget(steps=60), seed=0)
    phases = [str(entry["phase"]) for entry in found.history]
    assert "growth" not in phases[phases.index("response") :]
    assert any("impulse response" in note for note in found.notes)
    assert found.loss < 1e-3


@pytest.mark.parametrize("locked", [False, True])
def test_a_long_response_stands_alone_unless_a_control_is_locked(locked: bool) -> None:
    rate = 44_100
    dry = plucked_strings(2.5, rate, 0)
    hidden = decaying(50_000) * np.geomspace(1.0, 100.0, 50_000)
    problem = Problem(dry, filtered(dry, hidden), 0, rate, 1)
    chosen = named_chain("drive")
    template = for_pair(lock(chosen, "gain.gain_db=0") if locked else chosen, 1, 1)
    found = fit(problem, template, Budget(steps=60), seed=0)
    kinds = [slot.kind for slot in found.stage.slots()]
    assert set(kinds[kinds.index("convolution") + 1 :]) == {"gain"}
    assert (kinds == ["convolution", "gain"]) is not locked
    assert not locked or 0.0 in found.values[~found.free]  # the gain that is locked
    if not locked:  # it ends when there is nothing left to search
        assert "jump" not in {entry["phase"] for entry in found.history}


@pytest.mark.parametrize("driven", [False, True])
def test_a_short_response_stands_alone_where_it_is_all(driven: bool) -> None:
    wet = filtered(noise(3.0), decaying(1_000))
    problem = Problem(noise(3.0), np.tanh(wet) if driven else wet, 0, RATE, 1)
    context = SearchContext((problem,), named_chain("drive"), Budget(steps=60), ())
    state = try_filter_alone(start_state(context, 0), context, PlannedMove("filter alone"))
    assert state.best is not None
    kinds = {slot.kind for slot in state.best.stage.slots()}
    assert "convolution" in kinds
    assert (kinds == {"gain", "convolution"}) is not driven


def test_a_response_that_was_solved_alone_competes_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is too little for a filter early on, and better than all that was found later."""
    problem = Problem(noise(3.0), filtered(noise(3.0), decaying(1_000)), 0, RATE, 1)
    context = SearchContext((problem,), named_chain("drive"), Budget(steps=60), ())
    before = start_state(context, 0)
    with monkeypatch.context() as early:
        early.setattr(try_impulse_response, "_unweighted_loss", lambda *_: 1.0)
        tried = try_filter_alone(before, context, PlannedMove("filter alone"))
    assert tried.alone is not None and tried.best is before.best

    def behind(best: Candidate, candidates: Sequence[tuple[Candidate, int]], *_: object) -> None:
        assert [candidate for candidate, _ in candidates] == [best]

    monkeypatch.setattr(try_impulse_response, "propose_response", behind)
    late = replace(tried, latency_shifts=(40.0,))
    found = try_impulse_response.try_impulse_response(
        late, context, PlannedMove("impulse response")
    )
    assert found.response is tried.alone and found.latency_shifts == (0.0,)
    assert found.best is not None and (found.best.loss or 0.0) < 1e-3


@pytest.mark.parametrize("rectified", [False, True])
def test_only_a_filter_ends_the_loudness_weighting(rectified: bool) -> None:
    dry = noise(3.0) * np.linspace(1.0, 0.01, round(3.0 * RATE), dtype=np.float32)
    wet = filtered(dry, decaying(200))
    problem = Problem(dry, np.abs(wet) if rectified else wet, 0, RATE, 1)
    context = SearchContext((problem,), named_chain("drive"), Budget(steps=60), ())
    state = try_filter_alone(start_state(context, 0), context, PlannedMove("filter alone"))
    assert state.loudness_weighting == (LOUDNESS_WEIGHTING if rectified else 0.0)
    excerpts = context.excerpts(state)
    assert {each.loudness_weighting for each in (*excerpts.long, *excerpts.training.tiny)} == {
        state.loudness_weighting
    }
    assert state.best is not None
    error = context.error(state, state.best, excerpts.long)
    assert state.best.loss == error.losses(position(state.best)[None])[0]
