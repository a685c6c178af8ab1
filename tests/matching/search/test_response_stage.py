"""Impulse responses solved from a pair, and chains that end in one."""

import numpy as np
import pytest
from scipy.signal import lfilter

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.data.signals import plucked_strings
from fxchain.fir.cross_validation import CrossValidation
from fxchain.fir.impulse_response_fit import LENGTHS, measure_response
from fxchain.matching.search.response_stage import (
    describe,
    propose_response,
    refit_response,
    with_response,
    without_response,
)
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.preset import Preset, parse_chain
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.neutral import neutral_candidate
from tests.hidden_response import decaying, filtered, noise
from tests.known_pair import RATE, effect, known_pair

#: Taps a response may have in these tests.
FEW = 4_096


def _error(parts: list[AlignedAudio]) -> float:
    return CrossValidation(parts, RATE).without()


@pytest.mark.parametrize("channels", [1, 2])
def test_a_hidden_response_is_found_and_played_at_its_level(channels: int) -> None:
    dry, hidden = noise(3.0, channels), decaying(200, channels=channels)
    wet = filtered(dry, hidden)
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
    dry = noise(4.0)
    short = measure_response([AlignedAudio(dry, filtered(dry, decaying(100)), 0)], RATE)
    long = measure_response([AlignedAudio(dry, filtered(dry, decaying(6_000)), 0)], RATE)
    assert short is not None and long is not None
    assert short.impulse_response.samples.shape[-1] <= LENGTHS[0]
    assert long.impulse_response.samples.shape[-1] > LENGTHS[1]
    assert long.checked < 0.01


def test_a_dull_dry_is_enough_to_measure_a_long_response() -> None:
    rng = np.random.default_rng(3)
    tone = [1.0, -0.95]
    dull = lfilter([1.0], tone, lfilter([1.0], tone, rng.standard_normal((2, 3 * RATE))))
    dry = (0.1 * dull / np.abs(dull).max()).astype(np.float32)
    wet = filtered(dry, decaying(3_000, channels=1))
    known, unknown = (slice(at, at + 1) for at in (0, 1))
    found = measure_response([AlignedAudio(dry[known], wet[known], 0)], RATE)
    assert found is not None
    made = filtered(dry[unknown], found.impulse_response.samples)
    error = np.sum((made - wet[unknown]) ** 2) / np.sum(wet[unknown] ** 2)
    assert error < 1e-5


def test_nothing_is_measured_from_silence_or_too_little() -> None:
    dry = noise(2.0)
    assert measure_response([AlignedAudio(0 * dry, dry, 0)], RATE) is None
    assert measure_response([AlignedAudio(dry, 0 * dry, 0)], RATE) is None
    assert measure_response([AlignedAudio(dry[:, :500], dry[:, :500], 0)], RATE) is None


def test_the_response_is_checked_on_what_it_was_not_solved_from() -> None:
    dry = noise(3.0)
    wet = filtered(dry, decaying(100))
    hiss = 2.0 * np.random.default_rng(3).standard_normal(wet.shape).astype(np.float32)
    wet[:, round(0.8 * wet.shape[-1]) :] = hiss[:, round(0.8 * wet.shape[-1]) :]
    found = measure_response([AlignedAudio(dry, wet, 0)], RATE)
    assert found is None or found.checked > 0.9


def test_a_plate_alone_is_measured_however_long_it_rings() -> None:
    """From a few notes between silences; what it is worth shows on notes it has not heard."""
    rate = 44_100
    hidden = decaying(50_000) * np.geomspace(1.0, 100.0, 50_000)  # by 20 dB in all
    silence = np.zeros((1, rate // 2), np.float32)
    dry = np.concatenate([silence, plucked_strings(1.6, rate, 0), silence], axis=1)
    other = plucked_strings(3.0, rate, 5)
    found = measure_response([AlignedAudio(dry, filtered(dry, hidden), 0)], rate)
    assert found is not None and found.taps == LENGTHS[-1]
    wet = filtered(other, hidden)
    made = filtered(other, found.impulse_response.samples)
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
    dry = 0.1 * noise(1.0)
    played = play_excerpt(still.stage, still.values, Excerpt(dry, dry, 0), RATE)
    best = np.sum(played * dry) / np.sum(dry**2)
    assert np.sum((played - best * dry) ** 2) < 1e-2 * np.sum(played**2)
    held = neutral_candidate(Candidate(form.stage, form.values, np.zeros_like(form.free)))
    assert np.array_equal(held.values, form.values)


def test_it_is_proposed_for_a_filter_that_no_knob_explains() -> None:
    form, dry = _chain(), noise(3.0)
    wet = filtered(dry, decaying(400))
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
    form, dry = _chain(), noise(3.0)
    wet = filtered(play_excerpt(form.stage, form.values, Excerpt(dry, dry, 0), RATE), decaying(200))
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
    dry = noise(10.0)
    found = measure_response([AlignedAudio(dry, dry, 0)], RATE)
    assert found is not None and found.taps == LENGTHS[1]
    assert LENGTHS[3] in tried and LENGTHS[4] not in tried
