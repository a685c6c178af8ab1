"""A match that is killed at any moment leaves its results complete or not at all, and can go on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import plucked_strings
from fxchain.preset import Preset

RATE = 16_000
KILLS = 20
FILES = [
    "board.py", "front.json", "matched.wav", "metrics.json", "preset.json", "report.html",
]  # fmt: skip
#: What does not tell when it was made.
TIMELESS = FILES[:-1]
CHECKPOINT = "checkpoint.json"
CHAIN = '{"chain": [{"primitive": "peak_filter"}, {"primitive": "distortion"}]}'
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return a folder with one complete run and others that were killed."""
    folder = tmp_path_factory.mktemp("killed")
    dry = plucked_strings(1.0, RATE)
    soundfile.write(folder / "dry.wav", dry.T, RATE, subtype="FLOAT")
    soundfile.write(folder / "wet.wav", np.tanh(9.0 * dry).T, RATE, subtype="FLOAT")
    (folder / "chain.json").write_text(CHAIN)
    command = [sys.executable, str(Path(__file__).with_name("killing.py")), str(KILLS), "7"]
    command += ["dry.wav", "wet.wav", "--chain", "chain.json", "--iterations", "30"]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return folder


def finished(folder: Path) -> list[str]:
    """Return the names in a folder that are no unfinished file."""
    if not folder.exists():
        return []
    return sorted(name for name in os.listdir(folder) if not name.startswith(".fxchain-"))


def test_results_are_complete_or_absent(killed):
    seen = {tuple(finished(killed / f"out-{number}")) for number in range(1, KILLS + 1)}
    assert seen <= {(), (CHECKPOINT,), tuple(FILES)}
    assert (CHECKPOINT,) in seen, "no run was killed while it searched"


def test_what_is_there_can_be_read(killed):
    for number in range(KILLS + 1):
        for name in finished(killed / f"out-{number}"):
            path = killed / f"out-{number}" / name
            readers = {".json": json.loads, ".py": lambda text: compile(text, "board", "exec")}
            if path.suffix == ".html":
                assert path.read_text().rstrip().endswith("</html>")
            elif path.suffix in readers:
                readers[path.suffix](path.read_text())
            else:
                assert soundfile.info(path).frames == RATE


def test_a_killed_match_goes_on_and_ends_as_the_whole_one(killed, monkeypatch):
    left = [f"out-{n}" for n in range(KILLS + 1) if finished(killed / f"out-{n}") == [CHECKPOINT]]
    monkeypatch.chdir(killed.parent)
    for name in (left[0], left[-1]):
        result = CliRunner().invoke(app, ["match", "--resume", str(killed / name)])
        assert result.exit_code == 0, result.output
        assert finished(killed / name) == FILES
        for file in TIMELESS:
            assert (killed / name / file).read_bytes() == (killed / "out-0" / file).read_bytes()


def match(*arguments):
    return CliRunner().invoke(app, ["match", *(str(argument) for argument in arguments)])


def test_a_stopped_match_has_results_and_goes_on(killed, monkeypatch):
    monkeypatch.chdir(killed)
    search = ["dry.wav", "wet.wav", "--chain", "chain.json", "--iterations", 30, "--out", "stopped"]
    count, calls = "fxchain.optim.budget.Budget.count", []
    from fxchain.optim.budget import Budget

    real = Budget.count

    def stopping(self, phase, loss):
        calls.append(phase)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return real(self, phase, loss)

    monkeypatch.setattr(count, stopping)
    result = match(*search)
    assert result.exit_code == 0 and "go on with: fxchain match --resume stopped" in result.stdout
    # it was stopped before it looked for simpler chains
    assert finished(killed / "stopped") == sorted({*FILES, CHECKPOINT} - {"front.json"})
    Preset.load(killed / "stopped" / "preset.json")
    assert match("--resume", "stopped").exit_code == 0
    assert finished(killed / "stopped") == FILES
    for file in TIMELESS:
        assert (killed / "stopped" / file).read_bytes() == (killed / "out-0" / file).read_bytes()


def test_nothing_to_go_on_with(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        result = match("--resume", folder)
        assert result.exit_code == 2
        assert "there is no checkpoint.json in it" in result.stderr


@pytest.mark.parametrize(
    "beside", [["--seed", "1"], ["--out", "x"], ["a.wav", "b.wav"], ["--force"]]
)
def test_going_on_takes_nothing_else(tmp_path, beside):
    result = match("--resume", tmp_path, *beside)
    assert result.exit_code == 2 and "--resume takes no" in result.output


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seed": "1"}, "seed: input should be a valid integer"),
        ({"more": 1}, "more: extra inputs are not permitted"),
        ({"wet": None}, "neither a pair nor a manifest"),
        ({"dry": "/nowhere.wav"}, "there is no such file"),
        ({"iterations": 31}, "left by a search of other recordings, of other options"),
    ],
)
def test_a_checkpoint_that_was_changed_is_one_line(killed, tmp_path, change, reason):
    left = next(n for n in range(KILLS + 1) if finished(killed / f"out-{n}") == [CHECKPOINT])
    node = json.loads((killed / f"out-{left}" / CHECKPOINT).read_text())
    node["request"].update(change)
    (tmp_path / CHECKPOINT).write_text(json.dumps(node))
    result = match("--resume", tmp_path)
    assert result.exit_code == 2 and reason in result.stderr
    assert result.stderr.splitlines()[-1].startswith("error: ")
    assert finished(tmp_path) == [CHECKPOINT]
