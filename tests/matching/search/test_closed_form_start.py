"""Tone and level in closed form."""

from dataclasses import replace

import numpy as np

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.closed_form_start import tone_and_level
from fxchain.objectives.excerpt import Excerpt
from fxchain.player import Playback
from fxchain.preset import parse_chain
from tests.known_pair import RATE, effect, known_pair

EQ = {
    "chain": [
        effect("low_shelf_filter", cutoff_frequency_hz=150.0, gain_db=0.0, q=0.7),
        effect("peak_filter", cutoff_frequency_hz=1_000.0, gain_db=0.0, q=0.7),
        effect("high_shelf_filter", cutoff_frequency_hz=4_000.0, gain_db=0.0, q=0.7),
        effect("gain", gain_db=0.0),
    ]
}


def _gains(values: np.ndarray) -> np.ndarray:
    return values[[1, 4, 7, 9]]


def test_the_gains_of_an_equalizer_and_the_level_are_found() -> None:
    stage, flat, free = parse_chain(EQ, "the test's chain")
    hidden = np.array(flat)
    hidden[[1, 4, 7, 9]] = [6.0, -5.0, 4.0, -9.0]
    dry = plucked_strings(3.0, RATE, seed=5)
    wet = stage.plugin(Playback(RATE), hidden)(dry, RATE)
    found = tone_and_level(stage, flat, ~np.zeros_like(free), Excerpt(dry, wet, 0), RATE)
    assert np.abs(_gains(found) - _gains(hidden)).max() < 1.0


def test_what_is_not_free_stays() -> None:
    stage, flat, _ = parse_chain(EQ, "the test's chain")
    dry = plucked_strings(2.0, RATE, seed=5)
    free = np.zeros(stage.size, dtype=bool)
    assert np.array_equal(tone_and_level(stage, flat, free, Excerpt(dry, 2 * dry, 0), RATE), flat)
    free[9] = True
    found = tone_and_level(stage, flat, free, Excerpt(dry, 2 * dry, 0), RATE)
    assert np.isclose(found[9], 20 * np.log10(2), atol=0.1)
    assert np.array_equal(np.delete(found, 9), np.delete(flat, 9))


def test_filters_before_a_distortion_stay() -> None:
    problem, stage, values = known_pair(2.0)
    flat = np.array(values)
    flat[1] = 0.0
    excerpt = Excerpt(problem.dry, problem.wet, 0)
    found = tone_and_level(stage, flat, np.ones(stage.size, dtype=bool), excerpt, RATE)
    assert found[1] == 0.0


def test_silence_changes_nothing() -> None:
    stage, flat, _ = parse_chain(EQ, "the test's chain")
    silence = np.zeros((1, RATE), dtype=np.float32)
    free = np.ones(stage.size, dtype=bool)
    excerpt = Excerpt(silence, silence, 0)
    assert np.array_equal(tone_and_level(stage, flat, free, excerpt, RATE), flat)
    loud = replace(excerpt, wet=plucked_strings(1.0, RATE, seed=1))
    assert np.array_equal(tone_and_level(stage, flat, free, loud, RATE), flat)
