"""`fxchain match --pairs`: what it writes and refuses."""

import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import plucked_strings

RATE = 16_000
FILES = [
    "board.py", "matched-one.wav", "matched-wet2.wav", "metrics.json", "preset.json", "report.html",
]  # fmt: skip
MANIFEST = "dry,wet,id\ndry1.wav,wet1.wav,one\ndry2.wav,wet2.wav,\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in, with two pairs below it and a chain of one gain."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").mkdir()
    for number, (level, lag) in enumerate([(0.5, 20), (0.25, 33)], start=1):
        dry = plucked_strings(4.5, RATE, seed=number)
        write(f"clips/dry{number}.wav", dry)
        write(f"clips/wet{number}.wav", -level * np.pad(dry, ((0, 0), (lag, 0))))
    (tmp_path / "clips" / "pairs.csv").write_text(MANIFEST)
    (tmp_path / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    return tmp_path


def write(name, audio):
    soundfile.write(name, np.atleast_2d(audio).T, RATE, subtype="FLOAT")


def fxchain(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def match(*arguments):
    return fxchain("match", "--pairs", "clips/pairs.csv", "--out", "out", *arguments)


def listing(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_it_writes_a_file_for_each_pair_and_prints_its_figures(folder):
    options = ["--chain", "gain.json", "--iterations", 8, "--threads", 1, "--gain-per-pair"]
    result = match(*options)
    assert result.exit_code == 0, result.output
    assert listing(folder / "out") == FILES
    metrics = json.loads((folder / "out" / "metrics.json").read_text())
    pairs = metrics["pairs"]
    assert [pair["latency_samples"] for pair in pairs] == [20, 33]
    assert [pair["file"] for pair in pairs] == ["matched-one.wav", "matched-wet2.wav"]
    assert [pair["gain_db"] for pair in pairs] == pytest.approx([0.0, -6.0206], abs=1e-2)
    assert metrics["polarity"] == -1 and metrics["held_out"]["esr"] < 1e-6
    for text in ("held out", "best linear filter", "one", "wet2", "-6.02", "matched-wet2.wav"):
        assert text in " ".join(result.stdout.split()), text
    assert match(*options, "--force").exit_code == 0
    assert json.loads((folder / "out" / "metrics.json").read_text()) == metrics
    assert listing(folder / "out") == FILES


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read"),
        ("", "empty"),
        ("dry,wet\n", "lists no pairs"),
        ("dry,effect\ndry1.wav,wet1.wav\n", "'wet' is missing"),
        (MANIFEST + "dry3.wav,wet1.wav,\n", "line 4: dry: there is no file clips/dry3.wav"),
        ("dry,wet,polarity\ndry1.wav,wet1.wav,x\n", "line 2: polarity"),
        ("dry,wet,dry_channel\ndry1.wav,wet1.wav,7\n", "there is no channel 7"),
        ("dry,wet\npairs.csv,wet1.wav\n", "pairs.csv: this is not an audio file"),
        ("dry,wet,latency_samples\ndry1.wav,wet1.wav,90000\n", "pair wet1: a latency"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_one_line(folder, content, reason):
    path = folder / "clips" / "pairs.csv"
    path.unlink() if content is None else path.write_text(content)
    before = listing(folder)
    result = match("--iterations", 1)
    assert result.exit_code == 2, result.output
    assert reason in result.stderr and result.stdout == ""
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert listing(folder) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["clips/dry1.wav", "clips/wet1.wav", "--pairs", "clips/pairs.csv"],
        ["clips/dry1.wav", "--pairs", "clips/pairs.csv"],
        ["clips/dry1.wav"],
        [],
        ["clips/dry1.wav", "clips/wet1.wav", "--gain-per-pair"],
    ],
)
def test_either_two_recordings_or_a_manifest(folder, arguments):
    result = fxchain("match", *arguments, "--out", "out")
    assert result.exit_code == 2 and "--pairs" in result.output
    assert listing(folder / "out") == []
