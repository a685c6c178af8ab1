"""Macros: knobs of a preset that move several controls along curves."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from scipy.interpolate import PchipInterpolator
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.errors import PresetError
from fxchain.player.macros import curve_value, monotone_spline, moved
from fxchain.preset import Preset
from fxchain.preset.macro_text import macro_sentences
from fxchain.preset.macros import Move
from fxchain.render import render
from tests.preset.macro_presets import DIRT, TONE, preset

RATE = 44_100


@pytest.fixture
def noise(tmp_path):
    """Return a file of noise, and its samples."""
    samples = np.random.default_rng(3).normal(0.0, 0.2, (1, RATE // 4)).astype(np.float32)
    soundfile.write(tmp_path / "in.wav", samples.T, RATE, subtype="FLOAT")
    return tmp_path / "in.wav", samples


def played(path):
    """Return the samples of a file."""
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


@pytest.mark.parametrize("count", [3, 4, 7])
def test_the_spline_is_the_monotone_one_of_scipy(count):
    rng = np.random.default_rng(count)
    for _ in range(20):
        at = np.cumsum(rng.uniform(0.2, 2.0, count))
        heights = rng.normal(size=count)
        wanted = PchipInterpolator(at, heights)
        for place in rng.uniform(at[0], at[-1], 5):
            assert monotone_spline(at, heights, place) == pytest.approx(float(wanted(place)))


def test_each_curve_goes_through_its_points_and_in_between_as_it_says():
    points = (0.0, 10.0), (100.0, 10_000.0)
    assert curve_value("linear", *points, True, 5.0) == pytest.approx(5050.0)
    assert curve_value("log", *points, False, 5.0) == pytest.approx(1000.0)
    assert curve_value("spline", *points, True, 5.0) == pytest.approx(1000.0)
    assert curve_value("spline", *points, False, 5.0) == pytest.approx(5050.0)
    for curve in ("linear", "log", "spline"):
        assert curve_value(curve, *points, True, 10.0) == 10_000.0
        assert curve_value(curve, *points, True, 12.0) == 10_000.0


def test_changes_by_several_macros_add_up_and_stay_in_the_range():
    up = ("linear", (0.0, 1.0), (0.0, 6.0), 0.0, 1.0)
    assert moved(2.0, -24.0, 24.0, False, [up, up]) == pytest.approx(14.0)
    assert moved(20.0, -24.0, 24.0, False, [up]) == 24.0
    octave = ("log", (0.0, 1.0), (100.0, 200.0), 0.0, 1.0)
    assert moved(1000.0, 20.0, 20_000.0, True, [octave, octave]) == pytest.approx(4000.0)


def test_turning_a_macro_moves_what_it_names_and_nothing_else():
    turned = preset().with_macros({"tone": 10, "dirt": "1.0"})
    assert turned.values == pytest.approx([2400.0, 4.0, 0.7, 1.0, 1.0, 12.0])
    assert [macro.value for macro in turned.macros] == [10.0, 1.0]
    there_and_back = turned.with_macros({"tone": 5, "dirt": 0.5})
    assert there_and_back.values == pytest.approx(preset().values)


def test_presets_with_macros_come_back_from_their_files_byte_for_byte():
    text = preset().to_json()
    assert Preset.from_json(text).to_json() == text
    assert Preset.from_json(text).macros == (TONE, DIRT)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "1st"}, "name"),
        ({"value": 11.0}, "not in its range"),
        ({"moves": [{"stage": "shelf"}]}, "missing"),
        ({"colour": "red"}, "unknown"),
    ],
)
def test_a_file_with_a_wrong_macro_is_refused_by_name(change, sentence):
    document = json.loads(preset().to_json())
    document["macros"][0] |= change
    with pytest.raises(PresetError, match=sentence) as found:
        Preset.from_json(json.dumps(document), name="a.json")
    assert str(found.value).startswith("a.json: ")


@pytest.mark.parametrize(
    ("move", "sentence"),
    [
        (Move("nowhere", "gain_db", (0, 10), (0, 1)), "there is no gain_db at stage nowhere"),
        (Move("mix", "weight", (0, 10), (0, 1)), "there is no weight"),
        (Move("shelf", "gain_db", (0,), (0,)), "two or more"),
        (Move("shelf", "gain_db", (10, 0), (0, 1)), "must ascend"),
        (Move("shelf", "gain_db", (0, 10), (0, 99)), "outside"),
        (Move("shelf", "gain_db", (0, 10), (0, 1), "log"), "above 0"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(move, sentence):
    with pytest.raises(PresetError, match=sentence):
        preset(replace(TONE, moves=(move,)))


def test_two_macros_of_one_name_are_refused():
    with pytest.raises(PresetError, match="tone stands twice"):
        preset(TONE, TONE)


@pytest.mark.parametrize("settings", [{}, {"tone": 7.5}, {"tone": 0.0, "dirt": 0.9}])
def test_the_script_plays_what_the_preset_plays(noise, tmp_path, settings):
    (tmp_path / "board.py").write_text(preset().to_python())
    words = [word for name, at in settings.items() for word in ("--set", f"{name}={at}")]
    command = [sys.executable, str(tmp_path / "board.py"), str(noise[0])]
    subprocess.run([*command, str(tmp_path / "out.wav"), *words], check=True)
    expected = render(preset().with_macros(settings), noise[1], RATE)
    assert np.array_equal(played(tmp_path / "out.wav"), expected)


def test_the_script_says_what_is_wrong_with_a_setting(noise, tmp_path):
    (tmp_path / "board.py").write_text(preset().to_python())
    command = [sys.executable, str(tmp_path / "board.py"), str(noise[0]), str(tmp_path / "o.wav")]
    for word, sentence in (("tone=11", "from 0 to 10"), ("bass=1", "no macro 'bass'")):
        found = subprocess.run([*command, "--set", word], capture_output=True, text=True)
        assert found.returncode == 2
        assert sentence in found.stderr and "Traceback" not in found.stderr


def test_a_script_without_macros_has_no_word_about_them():
    plain = replace(preset(), macros=()).to_python()
    assert "macro" not in plain.lower() and "--set" not in plain


def test_render_export_and_show_know_macros(noise, tmp_path):
    preset().save(tmp_path / "p.json")
    run, here = CliRunner(), str(tmp_path / "p.json")
    out = str(tmp_path / "out.wav")
    found = run.invoke(app, ["render", here, str(noise[0]), out, "--set", "tone=7"])
    assert found.exit_code == 0, found.output
    assert np.array_equal(played(out), render(preset().with_macros({"tone": 7}), noise[1], RATE))
    shown = run.invoke(app, ["show", here]).output
    assert "tone 5 (0 to 10)" in shown and "from -9 to +4 dB" in shown
    script = tmp_path / "board.py"
    run.invoke(app, ["export", here, "--out", str(script), "--set", "tone=7"])
    assert script.read_text() == preset().with_macros({"tone": 7}).to_python()


@pytest.mark.parametrize("setting", ["bass=3", "tone=11", "tone=high", "tone", "tone=nan"])
def test_a_setting_that_makes_no_sense_is_one_line(noise, tmp_path, setting):
    preset().save(tmp_path / "p.json")
    words = [str(tmp_path / "p.json"), str(noise[0]), str(tmp_path / "out.wav")]
    found = CliRunner().invoke(app, ["render", *words, "--set", setting])
    assert found.exit_code == 2
    assert found.output.startswith("error: ") and len(found.output.splitlines()) == 1
    assert not (tmp_path / "out.wav").exists()


def test_what_a_macro_moves_is_said_in_words():
    gain = replace(TONE, moves=TONE.moves[:1])
    found = macro_sentences(gain, preset().stage, preset().values)
    assert found == [
        "tone moves the gain of the high shelf filter at 1.2 kHz (chain[0]) from -9 to +4 dB"
    ]
    weight = macro_sentences(DIRT, preset().stage, preset().values)
    assert weight == [
        "dirt moves the weight of a branch of the mix (chain[1].mix[1]) from +0 to +1"
    ]
    turning = replace(gain, moves=(replace(gain.moves[0], values=(-9.0, 6.0, 4.0)),))
    assert macro_sentences(turning, preset().stage, preset().values)[0].endswith(
        "from -9 over +6 to +4 dB"
    )


def test_a_turned_macro_and_a_turned_knob_reach_the_studios_preset():
    knobs = pytest.importorskip("fxchain.studio.knobs")
    shown = knobs.knobs_of(preset())
    assert [(k.stage, k.label) for k in shown[:2]] == [
        ("Macros", "tone: 5"),
        ("Macros", "dirt: 0.5 %"),
    ]
    turned = knobs.with_knobs(preset(), {-1: shown[0].at(1000).value, 5: 20.0})
    assert turned.values == pytest.approx([2400.0, 4.0, 0.7, 1.0, 0.5, 20.0])
    assert turned.macros[0].value == 10.0
