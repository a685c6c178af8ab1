"""The filters at the ends of a chain stay around a cell, and move with its weights."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.matching.search.filters_around import FiltersAround, filters_around
from fxchain.matching.search.try_recurrent_cell import describe_cell, with_cell
from fxchain.preset import Preset, parse_chain
from fxchain.recurrent.descent import Descent
from fxchain.recurrent.filters import Alternative
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recording import Recording
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages
from tests.known_pair import effect
from tests.recurrent.test_recurrence import weights_of

RATE = 16_000
BEFORE = [effect("highpass_filter", cutoff_frequency_hz=150.0)]
BEHIND = [
    effect("low_shelf_filter", cutoff_frequency_hz=200.0, gain_db=-6.0, q=0.7),
    effect("lowpass_filter", cutoff_frequency_hz=2_500.0),
]
DRIVE = effect("waveshaper", drive_db=12.0, bias=0.1)


def candidate(*nodes: object) -> Candidate:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "drawn")
    return Candidate(stage, values, np.ones(len(values), dtype=bool))


def around(*nodes: object) -> FiltersAround:
    found = filters_around(candidate(*nodes), RATE)
    assert found is not None
    return found


def kinds(side: Candidate) -> list[str]:
    return [each.primitive.kind for each in top_stages(side.stage)]  # type: ignore[attr-defined]


def test_they_are_those_before_the_first_and_behind_the_last_other_effect() -> None:
    level, middle = effect("gain", gain_db=3.0), effect("peak_filter", gain_db=2.0)
    found = around(*BEFORE, level, DRIVE, middle, DRIVE, *BEHIND, level)
    assert kinds(found.before) == ["highpass_filter"]
    assert kinds(found.behind) == ["low_shelf_filter", "lowpass_filter"]
    assert list(found.behind.values) == [200.0, -6.0, 0.7, 2_500.0]
    assert kinds(around(*BEFORE, *BEHIND).before) == [*kinds(found.before), *kinds(found.behind)]
    assert filters_around(candidate(level, DRIVE), RATE) is None


@pytest.mark.parametrize("turned", range(5))
def test_their_derivatives_are_those_of_differences(turned: int) -> None:
    given, audio = around(*BEFORE, DRIVE, *BEHIND), white_noise(0.2, RATE, seed=1)[0]
    side, number = (0, turned) if turned < 1 else (1, turned - 1)
    assert len(given.start) == 5
    played, moved = given.at(given.start)[side].linearize(audio)
    np.testing.assert_allclose(played, given.at(given.start)[side].play(audio), atol=1e-6)
    step = np.zeros(5)
    step[turned] = 2e-3
    ends = [given.at(given.start + sign * step)[side].play(audio) for sign in (1, -1)]
    expected = (ends[0] - ends[1]) / 4e-3
    np.testing.assert_allclose(moved[number], expected, atol=0.02 * np.abs(expected).max())


def test_a_chain_with_a_cell_between_them_plays_what_was_trained() -> None:
    dry = plucked_strings(1.0, RATE, seed=3)
    given = around(*BEFORE, DRIVE, *BEHIND)
    chosen = candidate(*BEFORE, DRIVE, *BEHIND)
    wet = render(Preset(chosen.stage, chosen.values, RATE), dry, RATE)
    recording = Recording(dry[0], wet[0], np.ones(dry.shape[1], np.float32))
    descent = Descent(gru(2), weights_of(2), [Alternative([recording], given)], 0, RATE)
    pieces = descent.pieces(0, RATE // 4)
    first = descent.ratio(pieces)
    for _ in range(4):
        descent.step(pieces)
    found = descent.judged()
    assert found.fitted < 0.5 * first and not np.allclose(found.cube, given.start)
    chain = with_cell(found, given, RATE)
    played = render(Preset(chain.stage, chain.values, RATE), dry, RATE)[0]
    left = sum(
        float(np.sum(piece.residual(played[piece.begin : piece.end]) ** 2))
        for piece in (replace(each, of=recording) for each in pieces)
    )
    energy = sum(replace(each, of=recording).energy for each in pieces)
    assert left / energy == pytest.approx(found.fitted, rel=0.02)
    assert "between filters of the chain" in describe_cell(chain)[0]
