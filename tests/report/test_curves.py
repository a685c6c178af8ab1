"""The curves of the stages: what an engineer would measure on the effects themselves."""

import io

import numpy as np
import pytest
from PIL import Image

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.preset import Preset, parse_chain
from fxchain.preset.effects import effects_of
from fxchain.render import render
from fxchain.report import Comparison, Track, spectrogram
from fxchain.report.audio_excerpts import choose_excerpt
from fxchain.report.curves import (
    STATIC_DB,
    decay_times,
    decibels,
    filter_response,
    impulse_response,
    static_curve,
    transfer,
)
from fxchain.report.png import data_uri
from fxchain.report.svg import Axis, Plot
from fxchain.report.taps import tap_chain
from fxchain.report.words import comparisons, doubts, verdict
from tests.known_pair import effect
from tests.report.cases import KNOWN

RATE = 44_100


def one(kind, **parameters):
    stage, values, _ = parse_chain(effect(kind, **parameters), "one")
    return stage, values


def test_a_peak_has_its_gain_at_its_centre():
    stage, values = one("peak_filter", cutoff_frequency_hz=1000.0, gain_db=6.0, q=1.0)
    levels = decibels(filter_response(stage, values, np.array([20.0, 1000.0, 20000.0]), RATE))
    np.testing.assert_allclose(levels, [0.0, 6.0, 0.0], atol=0.05)


def test_a_transfer_curve_is_the_effect_s_own():
    stage, values = one("distortion", drive_db=12.0)
    inputs = np.linspace(-1.0, 1.0, 21)
    expected = np.tanh(inputs * 10 ** (12 / 20))
    np.testing.assert_allclose(transfer(stage, values, inputs), expected, atol=1e-6)


def test_a_static_curve_bends_at_the_threshold_by_the_ratio():
    stage, values = one(
        "compressor", threshold_db=-30.0, ratio=4.0, attack_ms=5.0, release_ms=100.0
    )
    out = static_curve(stage, values)
    below, above = STATIC_DB <= -33.0, STATIC_DB >= -27.0
    np.testing.assert_allclose(out[below], STATIC_DB[below], atol=0.01)
    np.testing.assert_allclose(out[above], -30.0 + (STATIC_DB[above] + 30.0) / 4.0, atol=0.05)


def test_the_decay_time_of_noise_that_falls_by_60_db_in_a_second():
    fall = 10.0 ** (-3.0 * np.arange(2 * RATE) / RATE)
    noise = white_noise(2.0, RATE, seed=1)[0].astype(float)
    decays = decay_times(noise * fall, RATE)
    assert [decay.centre_hz for decay in decays][:3] == [125.0, 250.0, 500.0]
    for decay in decays[2:]:
        assert decay.seconds == pytest.approx(1.0, rel=0.08)


def test_silence_and_a_single_click_have_no_decay_time():
    click = np.zeros(RATE)
    assert all(decay.seconds is None for decay in decay_times(click, RATE))


def test_a_delay_s_response_has_its_echoes():
    stage, values = one("delay", delay_seconds=0.1 + 0.5 / RATE, feedback=0.5, mix=0.5)
    response = impulse_response(stage, values, 0.5, RATE)
    assert list(np.flatnonzero(np.abs(response) > 1e-3)[:3]) == [0, 4410, 8820]


def test_taps_hear_what_the_board_plays():
    stage, values, _ = parse_chain(KNOWN, "the known chain")
    preset, audio = Preset(stage, values, RATE), plucked_strings(1.0, RATE)
    taps = tap_chain(preset, audio, RATE)
    assert set(taps) == {placed.path for placed in effects_of(stage, values)}
    last = taps[f"chain[{len(KNOWN['chain']) - 1}]"].output
    np.testing.assert_allclose(last, render(preset, audio, RATE), atol=1e-5)
    skipped = tap_chain(preset, audio, RATE, skip=1000)
    assert skipped["chain[0]"].input.shape == (1, RATE - 1000)


def test_a_spectrogram_shows_a_tone_where_it_is():
    tone = np.sin(2 * np.pi * 1000.0 * np.arange(RATE) / RATE)[None].astype(np.float32)
    levels = spectrogram.levels_db(tone, RATE)
    assert levels.shape == (spectrogram.ROWS, spectrogram.COLUMNS)
    edges = np.geomspace(spectrogram.HIGHEST_HZ, spectrogram.LOWEST_HZ, spectrogram.ROWS + 1)
    row = int(np.argmax(levels[:, spectrogram.COLUMNS // 2]))
    assert edges[row + 1] * 0.97 <= 1000.0 <= edges[row] * 1.03


def test_a_png_is_read_by_others():
    import base64

    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    colours = np.stack([np.arange(12), np.arange(12) * 2, np.arange(12) * 3], axis=1)
    uri = data_uri(picture, colours)
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as read:
        np.testing.assert_array_equal(np.asarray(read.convert("RGB")), colours[picture])


def test_labels_of_a_plot_are_text():
    plot = Plot(Axis("<x>", 0.0, 1.0), Axis("y", 0.0, 1.0), 'a "title" & <more>')
    plot.line([0.0, np.inf], [0.5, np.nan], "strong")
    drawn = str(plot.svg())
    assert "<x>" not in drawn and "nan" not in drawn and "inf" not in drawn
    assert "a &#34;title&#34; &amp; &lt;more&gt;" in drawn


@pytest.mark.parametrize("held_out", [(80, 100), None, (10, 20)])
def test_an_excerpt_lies_inside_and_holds_what_was_held_out(held_out):
    audio = np.zeros((1, 100), np.float32)
    comparison = Comparison("", (Track("dry", "Dry", audio),), "dry", held_out=held_out)
    excerpt = choose_excerpt(comparison, 0.4, 100)
    assert excerpt.start >= 0 and excerpt.end <= 100 and excerpt.end - excerpt.start == 40
    if held_out is not None:
        assert excerpt.start <= held_out[0] < excerpt.end


def figures(own, filtered, unprocessed=1.0):
    def part(esr):
        return {"held_out": {"esr": esr}, "fitted": {"esr": esr}}

    return {
        **part(own),
        "baselines": {
            "unprocessed": part(unprocessed),
            "best_gain": part(unprocessed),
            "best_linear_filter": part(filtered),
        },
    }


def test_figures_in_words():
    good = figures(1e-4, 10**-2.6)
    assert "40.0 dB below the sound, 14.0 dB closer than a perfect linear filter" in verdict(good)
    assert comparisons(good)[0].startswith("On the held-out part it is 40.0 dB closer")
    assert doubts(good) == []
    assert any("linear filter does as well" in doubt for doubt in doubts(figures(0.5, 0.4)))
    assert any("same performance" in doubt for doubt in doubts(figures(1.1, 1.0)))
    assert "further away" in verdict(figures(0.5, 0.1))
