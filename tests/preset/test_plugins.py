"""Presets with plug-ins of other makers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fxchain.data.signals import white_noise
from fxchain.errors import ExportError, PresetError
from fxchain.preset import Preset, parse_chain
from fxchain.render import render
from tests.hosting.plugins import file_of, needs_plugins

RATE = 44_100
NOISE = 0.1 * white_noise(2.0, RATE, seed=4)

pytestmark = needs_plugins


@pytest.fixture(scope="module")
def preset():
    stages = [
        {"primitive": "distortion", "parameters": {"drive_db": 9.0}},
        {"plugin": file_of("ZamDelay"), "parameters": {"feedback": 0.4, "time_ms": 123.4}},
        {"mix": [{"weight": 0.5, "chain": []}, {"weight": 0.5, "plugin": file_of("ZamComp")}]},
    ]
    stage, values, _ = parse_chain({"chain": stages}, "a chain")
    return Preset(stage, values, RATE)


def test_a_preset_sounds_the_same_when_it_is_read_again(preset):
    again = Preset.from_json(preset.to_json())
    assert again.to_json() == preset.to_json()
    played = preset.board(RATE)(NOISE, RATE)
    assert np.abs(played - NOISE).max() > 0.01
    np.testing.assert_array_equal(again.board(RATE)(NOISE, RATE), played)


def test_the_script_plays_what_the_preset_plays(preset, tmp_path):
    (tmp_path / "board.py").write_text(preset.to_python())
    soundfile.write(tmp_path / "in.wav", NOISE.T, RATE, subtype="FLOAT")
    command = [sys.executable, "board.py", "in.wav", "out.wav"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    played, _ = soundfile.read(tmp_path / "out.wav", dtype="float32", always_2d=True)
    np.testing.assert_array_equal(played.T, preset.board(RATE)(NOISE, RATE))


def test_what_is_left_out_in_a_chain_is_open():
    node = {"plugin": file_of("ZamDelay"), "parameters": {"feedback": 0.25}}
    stage, values, free = parse_chain(node, "a chain")
    names = [slot.spec.name for slot in stage.slots()]
    assert not free[names.index("feedback")] and values[names.index("feedback")] == 0.25
    assert free.sum() == len(free) - 1


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("sha256", "0" * 64, "another one, or another version, than the preset was made with"),
        ("file", "/nowhere/Gone.vst3", "is missing: there is no /nowhere/Gone.vst3"),
    ],
)
def test_a_missing_or_different_plug_in_is_one_error(preset, field, value, reason):
    node = json.loads(preset.to_json())
    node["stage"]["chain"][1]["plugin"][field] = value
    with pytest.raises(PresetError, match=reason) as raised:
        Preset.from_json(json.dumps(node), "mine.json")
    assert str(raised.value).startswith("mine.json: chain[1] (ZamDelay): the plug-in ZamDelay")


def test_a_preset_loads_no_plug_in_from_anywhere(preset, tmp_path, monkeypatch):
    """A file that came with a preset is not executed, whatever its hash."""
    copy = tmp_path / "ZamDelay.vst3"
    source = Path(file_of("ZamDelay"))
    (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
    node = json.loads(preset.to_json())
    node["stage"]["chain"][1]["plugin"]["file"] = str(copy)
    text = json.dumps(node)
    with pytest.raises(PresetError, match=rf"in none of the folders .*FXCHAIN_PLUGINS={tmp_path}"):
        Preset.from_json(text, "theirs.json")
    monkeypatch.chdir(tmp_path)
    node["stage"]["chain"][1]["plugin"]["file"] = copy.name
    with pytest.raises(PresetError, match="in none of the folders"):
        Preset.from_json(json.dumps(node), "theirs.json")
    monkeypatch.setenv("FXCHAIN_PLUGINS", str(tmp_path))
    audio = NOISE[:, :2_000]
    expected = render(preset, audio, RATE)
    np.testing.assert_array_equal(render(Preset.from_json(text), audio, RATE), expected)


def test_a_plug_in_that_cannot_be_loaded_names_its_stage():
    with pytest.raises(PresetError, match=r"a chain: chain\[0\] .*there is no /nowhere/a.vst3"):
        parse_chain({"chain": [{"plugin": "/nowhere/a.vst3"}]}, "a chain")


def test_it_is_no_pedalboard(preset):
    with pytest.raises(ExportError, match=r"ZamDelay.* plug-in of another maker"):
        preset.to_pedalboard(RATE)
