"""The player's drums sound as those of patches in numpy."""

import numpy as np
import pytest

from fxchain.metrics.scores import null_depth_db
from fxchain.synth.drum.play import render_drum, render_kit
from fxchain.synth.drum.sources import DRUM_SOURCES
from tests.native.hit_drums import HITS, a_kit, drum_of, kick
from tests.native.played_notes import RATE, Played, as_notes, play_live, presses
from tests.native.test_instrument import band_levels_db

STEADY = [kind for kind, source in DRUM_SOURCES.items() if not source.noisy]


def hits(drum, played, rate=RATE):
    return render_drum(drum, as_notes(played, rate), rate)


@pytest.mark.parametrize("rate", [RATE, 48_000])
@pytest.mark.parametrize("kind", STEADY)
def test_every_source_plays_as_in_numpy(programs, kind, rate):
    drum = drum_of({"source": kind, "weight": 0.7})
    wanted = hits(drum, HITS, rate)
    made = play_live(programs, drum, presses(HITS), wanted.shape[1], rate)
    assert np.abs(wanted).max() > 0.1
    assert null_depth_db(made, wanted) <= -120.0


def test_blocks_of_any_size_play_the_same(programs):
    drum = drum_of({"source": "swept_sine"}, {"source": "noise_burst"}, {"source": "click"})
    first, *others = (
        play_live(programs, drum, presses(HITS), 20_000, block=block) for block in (1, 333, 8_192)
    )
    for other in others:
        np.testing.assert_array_equal(other, first)


@pytest.mark.parametrize(
    ("bandwidth", "rate"), [(0.1, RATE), (1.0, RATE), (8.0, RATE), (8.0, 96_000)]
)
def test_noise_has_the_bands_and_the_decay_that_it_has_in_numpy(programs, bandwidth, rate):
    own = {"centre_frequency_hz": 900.0, "bandwidth": bandwidth, "decay_ms": 400.0}
    drum = drum_of({"source": "noise_burst", "parameters": own})
    many = tuple(Played(rate * n // 2, 10, 36, 1.0) for n in range(16))
    wanted = hits(drum, many, rate)[:, : 8 * rate]
    made = play_live(programs, drum, presses(many), wanted.shape[1], rate)
    gaps = []
    for first, last in ((0, rate // 8), (rate // 4, rate // 2)):
        parts = [
            np.concatenate(
                [each[:, rate * n // 2 + first : rate * n // 2 + last] for n in range(16)], 1
            )
            for each in (made, wanted)
        ]
        levels = [band_levels_db(part, rate) for part in parts]
        heard = levels[1] > levels[1].max() - 30.0
        gaps.append((levels[0] - levels[1])[heard])
    assert np.abs(np.concatenate(gaps)).max() < 3.0
    assert np.abs([gap.mean() for gap in gaps]).max() < 1.0


def test_a_kit_hits_the_drum_of_each_key_alone(programs):
    kit = a_kit()
    wanted = render_kit(kit, as_notes(HITS, RATE), RATE)
    made = play_live(programs, kit, presses(HITS), wanted.shape[1])
    assert null_depth_db(made, wanted) <= -120.0
    alone = hits(kick(), HITS)
    assert null_depth_db(made[:, : alone.shape[1]], alone) > -30.0


def test_a_roll_of_more_hits_than_there_are_places_neither_stops_nor_clicks(programs):
    drum = kick(start_frequency_hz=100.0, end_frequency_hz=90.0, decay_ms=2_000.0)
    roll = tuple(Played(150 * n, 10, 36, 0.5) for n in range(60))
    made = play_live(programs, drum, presses(roll), 20_000)
    calm = play_live(programs, drum, presses(roll[:8]), 20_000)
    assert np.isfinite(made).all() and np.abs(made[:, -8_000:]).max() > 0.1
    calmest, most = (np.abs(np.diff(each[0], 2)).max() for each in (calm, made))
    assert most < 4.0 * calmest


def test_a_knob_that_is_turned_first_is_another_drum(programs):
    events = [(0, "set", 0, 0.3), (0, "set", 1, 300.0), *presses(HITS)]
    drum = kick()
    made = play_live(programs, drum, events, 20_000)
    (source,) = drum.sources
    other = {**source.parameters, "start_frequency_hz": 300.0}
    wanted = hits(drum_of({"source": "swept_sine", "weight": 0.3, "parameters": other}), HITS)
    assert null_depth_db(made, wanted[:, :20_000]) <= -120.0
