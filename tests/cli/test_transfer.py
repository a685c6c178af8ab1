"""`fxchain transfer`: what it writes, refuses, and applies anew."""

import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import plucked_strings

RATE = 16_000
FILES = ["board.py", "matched.wav", "metrics.json", "preset.json", "report.html"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in, with an input and a reference."""
    monkeypatch.chdir(tmp_path)
    for name, seed, gain in (("input", 1, 0.3), ("reference", 2, 1.0)):
        audio = gain * plucked_strings(3.0, RATE, seed=seed)
        soundfile.write(f"{name}.wav", audio.T, RATE, subtype="FLOAT")
    return tmp_path


def transfer(*arguments):
    return CliRunner().invoke(app, ["transfer", *(str(argument) for argument in arguments)])


def test_it_writes_the_files_of_a_match_and_applies_them_anew(folder):
    result = transfer(
        "input.wav", "reference.wav", "--out", "out", "--iterations", 8, "--match", "level,tone"
    )
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (folder / "out").iterdir()) == FILES
    text = " ".join(result.stdout.split())
    for part in ("its level changed", "loudness: ", "peak: ", "LUFS", "the chain"):
        assert part in text, part
    again = transfer("input.wav", "--from", "out/preset.json", "--amount", 0, "--out", "none")
    assert again.exit_code == 0, again.output
    found, _ = soundfile.read("none/matched.wav", dtype="float32")
    original, _ = soundfile.read("input.wav", dtype="float32")
    assert np.array_equal(found, original)
    metrics = json.loads((folder / "none" / "metrics.json").read_text())
    assert metrics["settings"]["amount"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["reference.wav", "--amount", 120], "--amount 120"),
        (["reference.wav", "--match", "tune"], "tune"),
        (["reference.wav", "--seconds", 0], "--seconds 0"),
        (["reference.wav", "--chain", "nothing"], "nothing"),
        (["nothing.wav"], "nothing.wav"),
        ([], "no reference"),
        (["reference.wav", "--from", "preset.json"], "--from"),
        (["--from", "nothing.json"], "nothing.json"),
    ],
)
def test_what_makes_no_sense_is_one_line(folder, arguments, reason):
    result = transfer("input.wav", "--out", "out", *arguments)
    assert result.exit_code == 2, result.output
    assert reason in result.stderr and result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1 and result.stdout == ""
    assert not (folder / "out").exists()
