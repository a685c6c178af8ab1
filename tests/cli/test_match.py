"""`fxchain match`: what it writes, refuses, and does when it is stopped."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import plucked_strings, white_noise

RATE = 16_000
FILES = ["board.py", "matched.wav", "metrics.json", "preset.json", "report.html"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in, with a dry and a wet recording and a chain of one gain."""
    monkeypatch.chdir(tmp_path)
    dry = plucked_strings(5.0, RATE)
    write("dry.wav", dry)
    write("wet.wav", -0.5 * np.pad(dry, ((0, 0), (20, 0))))
    (tmp_path / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    return tmp_path


def write(name, audio):
    soundfile.write(name, np.atleast_2d(audio).T, RATE, subtype="FLOAT")


def fxchain(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def match(*arguments):
    return fxchain("match", "dry.wav", "wet.wav", "--out", "out", *arguments)


def listing(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_it_writes_five_files_and_prints_the_figures(folder):
    result = match("--chain", "gain.json", "--iterations", 8)
    assert result.exit_code == 0, result.output
    assert listing(folder / "out") == FILES
    metrics = json.loads((folder / "out" / "metrics.json").read_text())
    assert metrics["latency_samples"] == 20 and metrics["polarity"] == -1
    assert metrics["held_out"]["esr"] < 1e-6
    for text in ("held out", "best linear filter", "20 samples", "inverted", "gain_db -6.0"):
        assert text in " ".join(result.stdout.split()), text


def test_given_latency_and_polarity(folder):
    result = match(
        "--chain", "gain.json", "--iterations", 3, "--latency-samples", -5, "--polarity", "+"
    )
    assert result.exit_code == 0, result.output
    metrics = json.loads((folder / "out" / "metrics.json").read_text())
    assert metrics["latency_samples"] == -5 and metrics["polarity"] == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--seconds", 0], "--seconds 0"),
        (["--iterations", 0], "--iterations 0"),
        (["--threads", 0], "--threads 0"),
        (["--chain", "nothing.json"], "nothing.json"),
        (["--chain", "broken.json"], "broken.json"),
        (["--start", "nothing.json"], "nothing.json"),
        (["--start", "gain.json"], "gain.json"),
        (["--without", "rverb"], "rverb"),
        (["--lock", "compressor.ratio=99"], "compressor"),
        (["--chain", "bent.json", "--only-pedalboard"], "waveshaper"),
        (["--latency-samples", 10**9], "latency"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_line(folder, arguments, reason):
    (folder / "broken.json").write_text("{")
    (folder / "bent.json").write_text('{"chain": [{"primitive": "waveshaper"}]}')
    before = listing(folder)
    refused(match(*arguments), reason)
    assert listing(folder) == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"this is no audio", "not an audio file"),
        (np.zeros(RATE), "silent"),
        (np.zeros(0), "no samples"),
        (0.1 * white_noise(0.25, RATE), "too short"),
        (np.full(RATE, np.nan), "not finite"),
        (np.zeros((3, RATE)), "3 channels"),
    ],
)
@pytest.mark.parametrize("side", ["dry", "wet"])
def test_a_recording_that_cannot_be_used_is_one_line(folder, content, reason, side):
    path = folder / f"{side}.wav"
    path.unlink()
    writers = {
        type(None): lambda: None,
        bytes: lambda: path.write_bytes(content),
        np.ndarray: lambda: write(path, content),
    }
    writers[type(content)]()
    before = listing(folder)
    result = match("--iterations", 1)
    refused(result, reason)
    assert f"{side}.wav" in result.stderr
    assert listing(folder) == before


def refused(result, reason):
    assert result.exit_code == 2, result.output
    assert reason in result.stderr and result.stdout == ""
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1


def test_a_folder_with_files_in_it_is_refused_before_anything_is_read(folder, monkeypatch):
    (folder / "out").mkdir()
    (folder / "out" / "mine.txt").write_text("mine")
    monkeypatch.setattr("fxchain.matching.run.read_pair_sources", never)
    refused(match("--iterations", 1), "has files in it")
    assert listing(folder / "out") == ["mine.txt"]


def never(*_):
    raise AssertionError("this must not be reached")


def test_with_force_other_files_stay(folder):
    (folder / "out").mkdir()
    (folder / "out" / "mine.txt").write_text("mine")
    assert match("--chain", "gain.json", "--iterations", 2, "--force").exit_code == 0
    assert listing(folder / "out") == sorted([*FILES, "mine.txt"])


def test_seconds_and_iterations_exclude_each_other(folder):
    result = match("--seconds", 5, "--iterations", 5)
    assert result.exit_code == 2 and "either --seconds or --iterations" in result.output
    assert listing(folder / "out") == []


def test_stopped_before_anything_was_found(folder, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("fxchain.matching.search.schedule.fit", stop)
    result = match("--chain", "gain.json", "--iterations", 1)
    assert result.exit_code == 130 and "nothing is written" in result.stderr
    assert listing(folder / "out") == []


STOPPED_AFTER_A_STEP = r"""
from fxchain.cli import main
from fxchain.optim.budget import Budget

count = Budget.count

def announced(self, phase, loss):
    entry = count(self, phase, loss)
    print("step\n", end="", flush=True)
    return entry

Budget.count = announced
main()
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_keeps_the_best_so_far(folder, stop):
    write("wet.wav", np.tanh(6.0 * plucked_strings(5.0, RATE)))
    command = [
        sys.executable, "-c", STOPPED_AFTER_A_STEP, "match", "dry.wav", "wet.wav", "--out", "out",
        "--seconds", "250", "--chain", "dynamics",
    ]  # fmt: skip
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as running:
        try:
            assert running.stdout.readline().startswith("step")
            running.send_signal(stop)
            output, errors = running.communicate(timeout=200)
        finally:
            running.kill()
    assert running.returncode == 0, errors
    assert listing(folder / "out") == sorted([*FILES, "checkpoint.json"])
    assert "stopped early" in " ".join(output.split())
