"""Chains before a measured response that explain hardly more than it does by itself."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import fftconvolve

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.data.signals import white_noise
from fxchain.fir.impulse_response_fit import measure_response
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.drop_redundant_chain import drop_redundant_chain
from fxchain.matching.search.response_stage import with_response
from fxchain.matching.search.schedule import fit, start_state
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.objectives.excerpt import LOUDNESS_WEIGHTING
from fxchain.optim.budget import Budget
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.named import named_chain
from fxchain.structure.template import Template
from tests.known_pair import RATE, effect

RESPONSE_SECONDS, SECONDS = 8.0, 60.0


def _found(
    driven: bool, locked: bool = False, seconds_left: float | None = None
) -> tuple[SearchState, SearchContext]:
    """Return a search that has found a device of a chain, a response and some noise."""
    drive = [effect("distortion", drive_db=20.0)] if driven else []
    peak = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=3.0, q=0.9)
    stage, values, free = parse_chain({"chain": [peak, *drive]}, "the test's chain")
    form = Candidate(stage, values, np.ones_like(free))
    dry = 0.1 * white_noise(3.0, RATE, 0)
    played = stage.plugin(Playback(RATE), values)(dry, RATE)
    hidden = white_noise(0.02, RATE, 1) * np.geomspace(1.0, 1e-3, round(0.02 * RATE))
    wet = fftconvolve(played, hidden, axes=-1)[:, : dry.shape[-1]]
    wet = (wet + 0.1 * np.std(wet) * white_noise(3.0, RATE, 2)).astype(np.float32)
    template = Template("test", form.stage, form.values, form.free, locked=locked)
    budget = Budget(steps=100)
    if seconds_left is not None:
        budget = Budget(seconds=SECONDS, clock=lambda: SECONDS - seconds_left, started=0.0)
    context = SearchContext((Problem(dry, wet, 0, RATE, 1),), template, budget, ())
    response = measure_response([AlignedAudio(played, wet, 0)], RATE)
    assert response is not None
    state = replace(
        start_state(context, 0),
        best=None,
        response=response,
        response_seconds=RESPONSE_SECONDS,
        pruned=("chain[0] (gain)",),
    )
    candidate = with_response(form, response)
    return context.keep(state, candidate, position(candidate)), context


def _kinds(state: SearchState) -> list[str]:
    assert state.best is not None
    return [slot.kind for slot in state.best.stage.slots()]


MOVE = PlannedMove("drop redundant chain")


def test_a_filter_before_a_response_goes() -> None:
    before, context = _found(driven=False)
    assert "peak_filter" in _kinds(before) and before.best is not None
    state = drop_redundant_chain(before, context, MOVE)
    assert _kinds(state) == ["gain", "convolution"]
    assert state.loudness_weighting == 0.0
    assert state.best is not None and state.response is not None
    assert state.best.loss == pytest.approx(before.best.loss, rel=0.1)
    assert state.pruned == ()
    error = context.error(state, state.best, context.excerpts(state).long)
    assert state.best.loss == error.losses(position(state.best)[None])[0]


def test_a_drive_before_a_response_stays() -> None:
    before, context = _found(driven=True)
    state = drop_redundant_chain(before, context, MOVE)
    assert "distortion" in _kinds(before) and state is before
    assert state.loudness_weighting == LOUDNESS_WEIGHTING


@pytest.mark.parametrize(
    ("locked", "seconds_left"), [(True, None), (False, 0.2 * RESPONSE_SECONDS)]
)
def test_a_filter_stays_where_it_is_locked_or_no_time_is_left(
    locked: bool, seconds_left: float | None
) -> None:
    state, context = _found(driven=False, locked=locked, seconds_left=seconds_left)
    assert "peak_filter" in _kinds(drop_redundant_chain(state, context, MOVE))


def test_time_that_is_left_is_used() -> None:
    state, context = _found(driven=False, seconds_left=0.5 * RESPONSE_SECONDS)
    assert "peak_filter" not in _kinds(drop_redundant_chain(state, context, MOVE))


def test_without_a_response_nothing_is_dropped() -> None:
    state, context = _found(driven=False)
    state = replace(state, response=None)
    assert "peak_filter" in _kinds(drop_redundant_chain(state, context, MOVE))


def test_a_fit_of_a_noisy_filter_ends_as_a_response_alone() -> None:
    (problem,) = _found(driven=False)[1].problems
    found = fit(problem, named_chain("drive"), Budget(steps=60), seed=0)
    assert {slot.kind for slot in found.stage.slots()} == {"gain", "convolution"}
