"""Impulse responses solved from a pair, and chains that end in one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import fftconvolve, lfilter

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.data.signals import plucked_strings
from fxchain.fir.cross_validation import CrossValidation
from fxchain.fir.impulse_response_fit import LENGTHS, measure_response
from fxchain.matching.search import try_impulse_response
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.response_stage import (
    describe,
    propose_response,
    refit_response,
    with_response,
    without_response,
)
from fxchain.matching.search.schedule import fit, start_state
from fxchain.matching.search.state import PlannedMove
from fxchain.matching.search.try_impulse_response import try_filter_alone
from fxchain.objectives.excerpt import LOUDNESS_WEIGHTING, Excerpt
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.optim.budget import Budget
from fxchain.preset import Preset, parse_chain
from fxchain.recordings.problem import Problem
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.named import named_chain
from fxchain.structure.neutral import neutral_candidate
from fxchain.structure.user_edits import for_pair, lock
from tests.known_pair import RATE, effect, known_pair

#: Taps a response may have in these tests.
FEW = 4_096


def _error(parts: list[AlignedAudio]) -> float:
    return CrossValidation(parts, RATE).without()


def _decaying(taps: int, seed: int = 0, channels: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((channels, taps))
    return noise * np.geomspace(1.0, 1e-3, taps)


def _noise(seconds: float, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(7)
    return (0.1 * rng.standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def _filtered(dry: np.ndarray, taps: np.ndarray) -> np.ndarray:
    return fftconvolve(dry, taps, axes=-1)[:, : dry.shape[-1]].astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_hidden_response_is_found_and_played_at_its_level(channels: int) -> None:
    dry, hidden = _noise(3.0, channels), _decaying(200, channels=channels)
    wet = _filtered(dry, hidden)
    found = measure_response([AlignedAudio(dry, wet, 0)], RATE)
    assert found is not None
    assert found.checked < 1e-5
    taps = found.impulse_response.samples
    assert taps.shape[0] == channels
    assert np.abs(taps[:, :150] - hidden[:, :150]).max() < 1e-3
    form = with_response(Candidate(parse_chain({"chain": []}, "")[0], np.zeros(0), _no()), found)
    played = render(Preset(form.stage, form.values, RATE), dry, RATE)
    assert np.sum((played - wet) ** 2) < 1e-4 * np.sum(wet**2)


def _no() -> np.ndarray:
    return np.zeros(0, dtype=bool)


def test_a_long_response_is_given_the_taps_it_needs() -> None:
    dry = _noise(4.0)
    short = measure_response([AlignedAudio(dry, _filtered(dry, _decaying(100)), 0)], RATE)
    long = measure_response([AlignedAudio(dry, _filtered(dry, _decaying(6_000)), 0)], RATE)
    assert short is not None and long is not None
    assert short.impulse_response.samples.shape[-1] <= LENGTHS[0]
    assert long.impulse_response.samples.shape[-1] > LENGTHS[1]
    assert long.checked < 0.01


def test_a_dull_dry_is_enough_to_measure_a_long_response() -> None:
    rng = np.random.default_rng(3)
    tone = [1.0, -0.95]
    dull = lfilter([1.0], tone, lfilter([1.0], tone, rng.standard_normal((2, 3 * RATE))))
    dry = (0.1 * dull / np.abs(dull).max()).astype(np.float32)
    wet = _filtered(dry, _decaying(3_000, channels=1))
    known, unknown = (slice(at, at + 1) for at in (0, 1))
    found = measure_response([AlignedAudio(dry[known], wet[known], 0)], RATE)
    assert found is not None
    made = _filtered(dry[unknown], found.impulse_response.samples)
    error = np.sum((made - wet[unknown]) ** 2) / np.sum(wet[unknown] ** 2)
    assert error < 1e-5


def test_nothing_is_measured_from_silence_or_too_little() -> None:
    dry = _noise(2.0)
    assert measure_response([AlignedAudio(0 * dry, dry, 0)], RATE) is None
    assert measure_response([AlignedAudio(dry, 0 * dry, 0)], RATE) is None
    assert measure_response([AlignedAudio(dry[:, :500], dry[:, :500], 0)], RATE) is None


def test_the_response_is_checked_on_what_it_was_not_solved_from() -> None:
    dry = _noise(3.0)
    wet = _filtered(dry, _decaying(100))
    noise = 2.0 * np.random.default_rng(3).standard_normal(wet.shape).astype(np.float32)
    wet[:, round(0.8 * wet.shape[-1]) :] = noise[:, round(0.8 * wet.shape[-1]) :]
    found = measure_response([AlignedAudio(dry, wet, 0)], RATE)
    assert found is None or found.checked > 0.9


def test_a_plate_alone_is_measured_however_long_it_rings() -> None:
    """From a few notes between silences; what it is worth shows on notes it has not heard."""
    rate = 44_100
    hidden = _decaying(50_000) * np.geomspace(1.0, 100.0, 50_000)  # by 20 dB in all
    silence = np.zeros((1, rate // 2), np.float32)
    dry = np.concatenate([silence, plucked_strings(1.6, rate, 0), silence], axis=1)
    other = plucked_strings(3.0, rate, 5)
    found = measure_response([AlignedAudio(dry, _filtered(dry, hidden), 0)], rate)
    assert found is not None and found.taps == LENGTHS[-1]
    wet = _filtered(other, hidden)
    made = _filtered(other, found.impulse_response.samples)
    assert np.sum((made - wet) ** 2) < 0.2 * np.sum(wet**2)


def _chain() -> Candidate:
    stage, values, free = parse_chain(
        {
            "chain": [
                effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=6.0, q=0.9),
                {
                    "mix": [
                        {"weight": 0.4, "chain": []},
                        {"weight": 0.7, "chain": [effect("distortion", drive_db=14.0)]},
                    ]
                },
                effect("delay", delay_seconds=0.1, feedback=0.35, mix=0.3),
            ]
        },
        "",
    )
    return Candidate(stage, values, np.ones_like(free))


def test_a_neutral_chain_does_next_to_nothing() -> None:
    form = _chain()
    still = neutral_candidate(form)
    dry = 0.1 * _noise(1.0)
    played = play_excerpt(still.stage, still.values, Excerpt(dry, dry, 0), RATE)
    best = np.sum(played * dry) / np.sum(dry**2)
    assert np.sum((played - best * dry) ** 2) < 1e-2 * np.sum(played**2)
    held = neutral_candidate(Candidate(form.stage, form.values, np.zeros_like(form.free)))
    assert np.array_equal(held.values, form.values)


def test_it_is_proposed_for_a_filter_that_no_knob_explains() -> None:
    form, dry = _chain(), _noise(3.0)
    wet = _filtered(dry, _decaying(400))
    excerpt = Excerpt(dry, wet, 0)
    proposal = propose_response(
        form, [(form, FEW), (neutral_candidate(form), FEW)], [excerpt], RATE
    )
    assert proposal is not None
    extended, response = proposal
    assert "--only-knobs" in describe(response)
    before = _error([AlignedAudio(play_excerpt(form.stage, form.values, excerpt, RATE), wet, 0)])
    assert (
        _error([AlignedAudio(play_excerpt(extended.stage, extended.values, excerpt, RATE), wet, 0)])
        < 0.1 * before
    )
    assert without_response(extended).stage.size == form.stage.size + 1


def test_it_is_not_proposed_where_the_chain_is_right() -> None:
    problem, stage, values = known_pair(2.0)
    form = Candidate(stage, values, np.ones(len(values), dtype=bool))
    excerpt = Excerpt(problem.dry, problem.wet, 0)
    assert (
        propose_response(form, [(form, FEW), (neutral_candidate(form), FEW)], [excerpt], RATE)
        is None
    )


def test_it_is_solved_anew_for_a_changed_chain() -> None:
    form, dry = _chain(), _noise(3.0)
    wet = _filtered(
        play_excerpt(form.stage, form.values, Excerpt(dry, dry, 0), RATE), _decaying(200)
    )
    excerpt = Excerpt(dry, wet, 0)
    first = propose_response(
        neutral_candidate(form), [(neutral_candidate(form), FEW)], [excerpt], RATE
    )
    if first is None:
        first = propose_response(form, [(form, FEW)], [excerpt], RATE)
    assert first is not None
    values = np.array(first[0].values)
    values[: len(form.values)] = form.values
    changed = Candidate(first[0].stage, values, first[0].free)
    again = refit_response(changed, first[1], [excerpt], RATE)
    assert again is not None
    assert again.stage.size == changed.stage.size
    assert (
        _error([AlignedAudio(play_excerpt(again.stage, again.values, excerpt, RATE), wet, 0)])
        < 1e-4
    )


def test_no_longer_response_is_begun_when_the_time_is_over() -> None:
    rng = np.random.default_rng(4)
    dry = rng.standard_normal((1, 40_000)).astype(np.float32)
    wet = np.convolve(dry[0], rng.standard_normal(2_000))[:40_000].astype(np.float32)[None]
    parts = [AlignedAudio(dry, wet, 0)]
    whole = measure_response(parts, RATE)
    short = measure_response(parts, RATE, over=lambda: True)
    assert whole is not None and short is not None
    assert short.taps == LENGTHS[0] < whole.taps


def test_longer_responses_are_given_up_after_two_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = dict(zip(LENGTHS, (0.5, 0.2, 0.19, 0.19, 0.01), strict=True))
    tried: list[int] = []

    def error(judge: CrossValidation, taps: int, ridge: float) -> float:
        tried.append(taps)
        return errors[taps]

    monkeypatch.setattr(CrossValidation, "error", error)
    dry = _noise(10.0)
    found = measure_response([AlignedAudio(dry, dry, 0)], RATE)
    assert found is not None and found.taps == LENGTHS[1]
    assert LENGTHS[3] in tried and LENGTHS[4] not in tried


def test_a_device_that_is_a_filter_grows_no_further() -> None:
    dry = _noise(3.0)
    problem = Problem(dry, _filtered(dry, _decaying(200)), 0, RATE, 1)
    found = fit(problem, named_chain("drive"), Budget(steps=60), seed=0)
    phases = [str(entry["phase"]) for entry in found.history]
    assert "growth" not in phases[phases.index("response") :]
    assert any("impulse response" in note for note in found.notes)
    assert found.loss < 1e-3


@pytest.mark.parametrize("locked", [False, True])
def test_a_long_response_stands_alone_unless_a_control_is_locked(locked: bool) -> None:
    rate = 44_100
    dry = plucked_strings(2.5, rate, 0)
    hidden = _decaying(50_000) * np.geomspace(1.0, 100.0, 50_000)
    problem = Problem(dry, _filtered(dry, hidden), 0, rate, 1)
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
    wet = _filtered(_noise(3.0), _decaying(1_000))
    problem = Problem(_noise(3.0), np.tanh(wet) if driven else wet, 0, RATE, 1)
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
    problem = Problem(_noise(3.0), _filtered(_noise(3.0), _decaying(1_000)), 0, RATE, 1)
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
    dry = _noise(3.0) * np.linspace(1.0, 0.01, round(3.0 * RATE), dtype=np.float32)
    wet = _filtered(dry, _decaying(200))
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
