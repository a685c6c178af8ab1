"""The patch file, and the script that plays it."""

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from fxchain.errors import PresetError
from fxchain.notes.midi_file import read_notes, write_notes
from fxchain.notes.note import Note
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.script import write_script
from fxchain.synth.sources import SOURCES
from tests.synth.nodes import node

NOTES = (Note(0.0, 0.3, 45.0, 1.0), Note(0.25, 0.25, 64.0, 64 / 127))


def effects():
    stage = Effect(get_primitive("distortion"))
    return Preset(Chain((stage,)), np.array([12.0]), 44_100)


def full_patch(behind=None):
    sources = [node(kind, weight=0.3) for kind in SOURCES]
    document = {"sources": sources, "controls": {"unison_mix": 0.3}, "level_db": -12.0}
    if behind is not None:
        document["effects"] = json.loads(behind.to_json())
    return Patch.model_validate(document)


def test_a_patch_survives_its_file(tmp_path):
    patch = full_patch(effects())
    patch.save(tmp_path / "patch.json")
    assert Patch.load(tmp_path / "patch.json") == patch


@pytest.mark.parametrize("behind", [None, effects()])
def test_the_script_plays_what_the_library_plays(tmp_path, behind):
    patch = full_patch(behind)
    (tmp_path / "play.py").write_text(write_script(patch), encoding="utf-8")
    if behind is not None:
        (tmp_path / "board.py").write_text(behind.to_python(), encoding="utf-8")
    write_notes(tmp_path / "notes.mid", NOTES)
    command = [sys.executable, "play.py", "notes.mid", "out.wav"]
    subprocess.run(command, cwd=tmp_path, check=True)
    played, rate = soundfile.read(tmp_path / "out.wav", always_2d=True)
    expected = render_patch(patch, read_notes(tmp_path / "notes.mid"), rate)
    assert played.T.shape == expected.shape
    error = np.square(played.T - expected).sum() / np.square(expected).sum()
    assert 10.0 * np.log10(error + 1e-20) < -100.0


def test_the_picture_of_a_measured_wave_follows_it():
    square = [[0.0, 1.0 / n if n % 2 else 0.0] for n in range(1, 40)]
    patch = Patch.model_validate({"sources": [node("single_cycle") | {"cycle": square}]})
    picture = patch.rows()[0][2]
    assert picture == "█" * 16 + "▁" * 16 + "  39 harmonics"


def test_the_script_imports_nothing_of_fxchain():
    assert "fxchain." not in write_script(full_patch())


def test_effects_are_heard_behind_the_voice():
    dry, wet = (render_patch(full_patch(each), NOTES, 44_100) for each in (None, effects()))
    assert np.abs(dry - wet).max() > 0.01


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "fxchain-preset"}, "no patch"),
        ({"sources": []}, "sources"),
        ({"sources": [{"source": "organ"}]}, "organ"),
        ({"sources": [{"source": "pulse", "parameters": {"width": 2.0}}]}, "width"),
        ({"sources": [{"source": "saw", "parameters": {"width": 0.2}}]}, "width"),
        ({"sources": [{"source": "saw", "cycle": [[1.0, 0.0]]}]}, "no cycle"),
        ({"sources": [{"source": "single_cycle"}]}, "needs cycle"),
        ({"sources": [{"source": "single_cycle", "cycle": [[1.0, float("nan")]]}]}, "finite"),
        ({"controls": {"cutoff": 100.0}}, "cutoff"),
        ({"effects": {"format": "nonsense"}}, "effects"),
    ],
)
def test_what_is_wrong_with_a_patch_is_named(tmp_path, change, said):
    document = {**json.loads(full_patch().to_json()), **change}
    path = tmp_path / "patch.json"
    path.write_text(json.dumps(document))
    with pytest.raises(PresetError, match=said):
        Patch.load(path)
