"""Macros are knobs of the player: what follows them has the values of `render --set`."""

import numpy as np
import pedalboard
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import white_noise
from fxchain.native import live_knobs, preset_data
from fxchain.native.plugins.names import shown_names
from fxchain.preset.macros import moves_by_index
from fxchain.preset.played_macros import live_macros
from tests.native.compiled import HERE
from tests.native.exported_plugin import export_plugin, turned_value
from tests.native.macro_preset import MACROS, RATE, TURNED, preset


def knobs():
    made = preset()
    return live_knobs(made.stage, made.values, live_macros(made.stage, made.macros))


def test_every_curve_has_the_values_of_the_preset(programs):
    made = preset()
    rows = programs.run(HERE / "curves.cpp", made).decode().splitlines()
    found = np.array([row.split() for row in rows], dtype=np.float64)
    places = list(moves_by_index(made.stage, made.macros))
    wanted = [
        made.with_macros({each.name: each.low + k / 100 * (each.high - each.low)}).values[places]
        for each in MACROS
        for k in range(101)
    ]
    specs = [made.stage.slots()[place].spec for place in places]
    ranges = np.array([spec.high - spec.low for spec in specs])
    assert np.abs((found - wanted) / ranges).max() < 1e-12
    assert (np.ptp(found, axis=0) / ranges > 0.02).all()


def test_macros_are_the_first_knobs_and_what_follows_them_is_none():
    shown = [(each.group, each.name) for each in shown_names(knobs())]
    assert shown == [
        ("Macros", "blend"),
        ("Macros", "Cut"),
        ("Macros", "tone"),
        ("1 Peak filter", "Q"),
    ]
    assert [each.value for each in knobs()] == [40.0, 6.0, 5.0, 1.1]


def played(programs, made, audio, knob, value, sample):
    given = np.asarray(audio, "<f4").tobytes()
    out = programs.run(HERE / "turn.cpp", made, RATE, knob, value, sample, given=given)
    return np.frombuffer(out, "<f4")


@pytest.mark.parametrize("number", range(len(MACROS)))
def test_a_turned_macro_plays_as_the_board_there(programs, number):
    """A macro that is turned later glides, and ends where one plays that was turned before."""
    made, name = preset(), MACROS[number].name
    audio = np.tile(0.3 * white_noise(0.25, RATE), 2)
    board = made.with_macros({name: TURNED[name]}).board(RATE)
    wanted = board(audio, RATE, reset=True)[0]
    np.testing.assert_array_equal(played(programs, made, audio, number, TURNED[name], 0), wanted)
    later = played(programs, made, audio, number, TURNED[name], 4_000)
    before = made.board(RATE)(audio, RATE, reset=True)[0]
    np.testing.assert_array_equal(later[:4_000], before[:4_000])
    assert np.abs(before - wanted)[-4_000:].max() > 0.01
    np.testing.assert_allclose(later[-4_000:], wanted[-4_000:], atol=1e-6)


def test_nothing_is_allocated_where_macros_are_turned(programs):
    assert int(programs.run(HERE / "allocations.cpp", preset())) == 0


def test_damaged_macros_are_refused(programs):
    made = preset()
    data = preset_data(made.stage, made.values, None, RATE, live_macros(made.stage, made.macros))
    with pytest.raises(RuntimeError, match="is cut off"):
        programs.run_data(programs.folder / "render.cpp", data[:-3], RATE, 1)


def test_the_vst3_plays_what_render_set_plays(tmp_path):
    path = export_plugin(preset(), tmp_path / "Own.vst3", "--channels", "2")
    plugin = pedalboard.load_plugin(str(path))
    parameters = {each.name: each for each in plugin.parameters.values()}
    tone, blend = parameters["Macros: tone"], parameters["Macros: blend"]
    assert (tone.min_value, tone.max_value, tone.string_value) == (0.0, 10.0, "5.000")
    assert blend.label == "%" and blend.string_value == "40.00 %"
    assert not [name for name in parameters if "Gain" in name or "Drive" in name]
    settings = []
    for macro in MACROS:
        knob = parameters[f"Macros: {macro.name}"]
        knob.raw_value = (TURNED[macro.name] - macro.low) / (macro.high - macro.low)
        spec = next(each.spec for each in knobs() if each.spec.name == macro.name)
        settings += ["--set", f"{macro.name}={turned_value(spec, knob.raw_value)!r}"]
    audio = 0.3 * white_noise(0.4, RATE, seed=3, channels=2)
    soundfile.write(tmp_path / "in.wav", audio.T, RATE, subtype="FLOAT")
    files = [tmp_path / "Own.json", tmp_path / "in.wav", tmp_path / "out.wav"]
    done = CliRunner().invoke(app, ["render", *map(str, files), *settings])
    assert done.exit_code == 0, done.stderr
    wanted = soundfile.read(tmp_path / "out.wav", dtype="float32")[0].T
    np.testing.assert_array_equal(plugin(audio, RATE, buffer_size=333, reset=True), wanted)
    other = preset().board(RATE)(audio, RATE, reset=True)
    assert np.abs(other - wanted).max() > 0.05


def test_an_lv2_has_a_port_for_each_macro(tmp_path):
    path = export_plugin(preset(), tmp_path / "Own.lv2")
    text = (path / "plugin.ttl").read_text()
    for line in ('lv2:symbol "stage_macros_Cut"', 'lv2:name "Macros: Cut"', "lv2:default 6.0"):
        assert line in text
    assert "drive_db" not in text


def test_the_cpp_project_lists_macros(tmp_path):
    preset().save(tmp_path / "a.json")
    arguments = ["export", tmp_path / "a.json", "--format", "cpp", "--out", tmp_path / "project"]
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == 0 and not done.stderr
    listed = (tmp_path / "project" / "README.md").read_text()
    assert "    Macros blend = 40 % (0 to 100)" in listed
