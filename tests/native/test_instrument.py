"""The player's instrument plays what a patch plays in numpy."""

import numpy as np
import pytest

from fxchain.metrics.scores import null_depth_db
from fxchain.synth.live import live_instrument
from fxchain.synth.play import render_patch
from fxchain.synth.sources import SOURCES
from tests.native.played_notes import (
    EFFECTS,
    NOTES,
    RATE,
    Played,
    as_notes,
    patch_of,
    play_live,
    presses,
    two_sources,
)
from tests.synth.nodes import node

TONES = [kind for kind, source in SOURCES.items() if not source.noisy]
ONE = (Played(0, 12_000, 57, 1.0),)


def knob_of(patch, name):
    """Return the number of the first knob of a name."""
    return next(
        k for k, each in enumerate(live_instrument(patch).knobs()) if each.spec.name == name
    )


def rendered(patch, played, rate=RATE):
    return render_patch(patch, as_notes(played, rate), rate)


@pytest.mark.parametrize("octave", [-1, 0, 1])
@pytest.mark.parametrize("kind", TONES)
def test_every_source_plays_as_in_numpy(programs, kind, octave):
    patch = patch_of(node(kind, octave=octave))
    wanted = rendered(patch, NOTES)
    made = play_live(programs, patch, presses(NOTES), wanted.shape[1])
    assert np.abs(wanted).max() > 0.01
    assert null_depth_db(made, wanted) <= -120.0


@pytest.mark.parametrize("ratio", [1.0, 2.5, 4.0])
@pytest.mark.parametrize("index", [0.05, 0.7, 2.4048, 8.0])
def test_frequency_modulation_plays_as_in_numpy_over_its_range(programs, index, ratio):
    own = {"index": index, "ratio": ratio}
    patch = patch_of({"source": "frequency_modulation", "parameters": own})
    wanted = rendered(patch, ONE)
    made = play_live(programs, patch, presses(ONE), wanted.shape[1])
    assert null_depth_db(made, wanted) <= -120.0


@pytest.mark.parametrize("rate", [22_050, 48_000, 96_000])
def test_at_other_sample_rates(programs, rate):
    wanted = rendered(two_sources(), NOTES, rate)
    made = play_live(programs, two_sources(), presses(NOTES), wanted.shape[1], rate)
    assert null_depth_db(made, wanted) <= -120.0


def test_the_effects_behind_the_voice_are_heard(programs):
    wanted = rendered(two_sources(EFFECTS), NOTES)
    made = play_live(programs, two_sources(EFFECTS), presses(NOTES), wanted.shape[1])
    assert null_depth_db(made, wanted) <= -100.0
    dry = play_live(programs, two_sources(), presses(NOTES), wanted.shape[1])
    assert null_depth_db(made, dry) > -20.0


def test_blocks_of_any_size_play_the_same(programs):
    first, *others = (
        play_live(programs, two_sources(EFFECTS), presses(NOTES), 20_000, block=block)
        for block in (1, 333, 8_192)
    )
    for other in others:
        np.testing.assert_array_equal(other, first)


def band_levels_db(samples, rate=RATE):
    """Return the levels of eight bands of half an octave or more, dB."""
    power = np.square(np.abs(np.fft.rfft(samples[0])))
    edges = np.geomspace(100.0, 16_000.0, 9) * samples.shape[1] / rate
    return 10.0 * np.log10(np.add.reduceat(power, edges.astype(int))[:-1] + 1e-9)


@pytest.mark.parametrize("rate", [RATE, 96_000])
def test_noise_has_the_bands_and_the_envelope_that_it_has_in_numpy(programs, rate):
    patch = patch_of({"source": "noise"}, cutoff_frequency_hz=1_500.0, amp_decay_ms=150.0)
    long = (Played(0, rate, 57, 1.0),)
    wanted = rendered(patch, long, rate)
    made = play_live(programs, patch, presses(long), wanted.shape[1], rate)
    for part in (slice(0, rate // 4), slice(rate // 4, rate)):
        gap = band_levels_db(made[:, part], rate) - band_levels_db(wanted[:, part], rate)
        assert np.abs(gap).max() < 3.0 and abs(gap.mean()) < 0.7
    assert null_depth_db(made, wanted) > -3.0  # another draw


def test_a_key_that_is_pressed_again_releases_the_older_note_first(programs):
    again = (Played(0, 8_000, 60, 1.0), Played(3_000, 9_000, 60, 0.5))
    wanted = rendered(two_sources(), again)
    made = play_live(programs, two_sources(), presses(again), wanted.shape[1])
    assert null_depth_db(made, wanted) <= -120.0


def test_the_pedal_holds_what_is_let_go(programs):
    patch = two_sources()
    long = (Played(0, 15_000, 57, 1.0), Played(2_000, 13_000, 64, 1.0))
    wanted = rendered(patch, long)
    short = (Played(0, 4_000, 57, 1.0), Played(2_000, 15_000 - 2_000, 64, 1.0))
    pedal = [(1_000, "pedal", 1, 0), (15_000, "pedal", 0, 0)]
    events = sorted([*presses(short), *pedal], key=lambda event: event[0])
    made = play_live(programs, patch, events, wanted.shape[1])
    assert null_depth_db(made, wanted) <= -120.0


def test_a_bend_of_two_semitones_is_the_pitch_of_another_key(programs):
    patch = patch_of({"source": "sine"}, vibrato_depth_cents=0.0, unison_mix=0.0)
    bent = play_live(programs, patch, [(0, "bend", 2, 0), *presses(ONE)], 12_000)
    peaks = [
        np.argmax(np.abs(np.fft.rfft(samples[0, 2_000:12_000] * np.hanning(10_000))))
        for samples in (bent, rendered(patch, (Played(0, 12_000, 59, 1.0),)))
    ]
    assert peaks[0] == peaks[1]


def test_more_notes_than_voices_neither_stop_nor_click(programs):
    keys = [Played(200 * step, 40_000, 40 + step % 40, 0.5) for step in range(80)]
    patch = patch_of({"source": "sine"}, amp_attack_ms=20.0, cutoff_frequency_hz=2_000.0)
    highest = slice(16, 40)
    calm = play_live(programs, patch, presses(keys[highest]), 40_000)
    made = play_live(programs, patch, presses(keys), 40_000)
    assert np.isfinite(made).all() and np.abs(made[:, -8_000:]).max() > 0.1
    # a step would bend more than all sines together
    calmest, most = (np.abs(np.diff(each[0], 2)).max() for each in (calm, made))
    assert most < 4.0 * calmest


def test_a_knob_that_is_turned_first_is_another_patch(programs):
    patch = two_sources()
    turned = {"weight": 0.2, "width": 0.45, "cutoff_frequency_hz": 2_000.0}
    events = [(0, "set", knob_of(patch, name), value) for name, value in turned.items()]
    events += presses(ONE)
    made = play_live(programs, patch, events, 14_000)
    other = patch_of(
        {"source": "saw", "weight": 0.2},
        {"source": "pulse", "octave": -1, "weight": 0.5, "parameters": {"width": 0.45}},
        cutoff_frequency_hz=2_000.0,
    )
    assert null_depth_db(made, rendered(other, ONE)[:, :14_000]) <= -120.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weight", 0.1),
        ("level_db", -20.0),
        ("cutoff_frequency_hz", 8_000.0),
        ("vibrato_depth_cents", 80.0),
        ("unison_mix", 1.0),
        ("amp_sustain", 0.1),
    ],
)
def test_a_knob_that_is_turned_while_a_note_sounds_makes_no_click(programs, name, value):
    patch = patch_of({"source": "sine"}, {"source": "sine", "octave": 1, "weight": 0.3})
    events = [(0, "press", 57, 1.0), (6_000, "set", knob_of(patch, name), value)]
    made, turned = (play_live(programs, patch, events[:n], 12_000) for n in (1, 2))
    np.testing.assert_array_equal(turned[:, :6_000], made[:, :6_000])
    assert np.abs(turned[:, 6_000:] - made[:, 6_000:]).max() > 1e-3
    bends = [np.abs(np.diff(each[0, 5_500:9_000], 2)).max() for each in (made, turned)]
    assert bends[1] < 4.0 * bends[0]


def test_a_restart_of_notes_after_a_turned_knob_keeps_them(programs):
    events = [(0, "press", 57, 1.0), (0, "set", 0, 0.2)]
    assert np.abs(play_live(programs, two_sources(), events, 4_000)).max() > 0.01
