"""`fxchain synth`: files in, files out, one line where something is wrong."""

import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.files.audio_output import write_audio
from fxchain.notes.midi_file import read_notes, write_notes
from fxchain.notes.note import Note
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch

NOTES = (Note(0.0, 0.2, 57.0, 1.0), Note(0.3, 0.2, 60.0, 0.5))
PATCH = Patch.model_validate({"sources": [{"source": "saw"}], "level_db": -12.0})


@pytest.fixture
def folder(tmp_path):
    PATCH.save(tmp_path / "patch.json")
    write_notes(tmp_path / "notes.mid", NOTES)
    samples = render_patch(PATCH, NOTES, 22_050, 22_050)
    write_audio(tmp_path / "take.wav", samples, 22_050)
    write_audio(tmp_path / "silence.wav", np.zeros((1, 22_050), np.float32), 22_050)
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, ["synth", *map(str, words)])


def test_match_writes_its_folder_and_the_patch_plays(folder):
    out = folder / "out"
    done = run(
        "match", folder / "take.wav", "--midi", folder / "notes.mid", "--out", out,
        "--iterations", "4", "--threads", "1",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    names = {each.name for each in out.iterdir()}
    assert names == {
        "patch.json",
        "play.py",
        "matched.wav",
        "notes.mid",
        "metrics.json",
        "report.html",
    }
    assert json.loads((out / "metrics.json").read_text())["settings"]["iterations"] == 4
    again = run("play", out / "patch.json", out / "notes.mid", folder / "b.wav",
                "--sample-rate", "22050")  # fmt: skip
    assert again.exit_code == 0, again.output
    played, matched = soundfile.read(folder / "b.wav")[0], soundfile.read(out / "matched.wav")[0]
    length = min(len(played), len(matched))
    assert np.abs(played[:length] - matched[:length]).max() < 1e-6


def test_notes_are_found_without_a_midi_file(folder):
    done = run("notes", folder / "take.wav", folder / "found.mid")
    assert done.exit_code == 0, done.output
    assert [note.pitch for note in read_notes(folder / "found.mid")] == [57, 60]
    again = run("notes", folder / "take.wav", folder / "found.mid")
    assert again.exit_code == 2 and "--force" in again.stderr
    out = folder / "out"
    done = run("match", folder / "take.wav", "--out", out, "--iterations", "2", "--threads", "1")
    assert done.exit_code == 0, done.output
    assert "2 notes found: A3 C4" in done.stderr
    assert [note.pitch for note in read_notes(out / "notes.mid")] == [57, 60]


def test_notes_survive_their_file(folder):
    found = read_notes(folder / "notes.mid")
    for note, written in zip(NOTES, found, strict=True):
        assert written.start_seconds == pytest.approx(note.start_seconds, abs=1e-4)
        assert written.duration_seconds == pytest.approx(note.duration_seconds, abs=1e-4)
        assert (written.pitch, written.velocity) == (
            note.pitch,
            pytest.approx(note.velocity, abs=4e-3),
        )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("match", "take.wav", "--midi", "take.wav", "--out", "out"), "take.wav"),
        (("match", "missing.wav", "--midi", "notes.mid", "--out", "out"), "missing.wav"),
        (("match", "take.wav", "--midi", "missing.mid", "--out", "out"), "missing.mid"),
        (("match", "silence.wav", "--out", "out"), "silent"),
        (
            ("match", "take.wav", "--midi", "notes.mid", "--voices", "9", "--out", "out"),
            "--voices or --midi",
        ),
        (("match", "take.wav", "--drum", "--voices", "3", "--out", "out"), "--voices or --drum"),
        (("match", "take.wav", "--voices", "0", "--out", "out"), "--voices 0"),
        (("notes", "silence.wav", "out"), "silent"),
        (("notes", "missing.wav", "out"), "missing.wav"),
        (("play", "notes.mid", "notes.mid", "a.wav"), "notes.mid"),
        (("play", "patch.json", "notes.mid", "take.wav"), "take.wav"),
        (("play", "patch.json", "notes.mid", "a.wav", "--sample-rate", "3"), "--sample-rate"),
        (("kit", "out", "36"), "36: give a key"),
        (("kit", "out", "200=patch.json"), "200=patch.json: give a key"),
        (
            ("kit", "out", "36=patch.json"),
            "this is no patch of one drum; give what fxchain synth match --drum",
        ),
        (("kit", "out", "36=missing.json"), "missing.json"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder, monkeypatch, words, said):
    monkeypatch.chdir(folder)
    done = run(*words)
    assert done.exit_code == 2
    line = done.stderr.strip()
    assert line.startswith("error: ") and said in line and "\n" not in line
    assert not (folder / "out").exists()
