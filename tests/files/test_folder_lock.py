"""One run at a time in a folder; a run that is killed leaves no lock."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from fxchain.cli.held_folders import held_folders, hold
from fxchain.errors import OutputError
from fxchain.files.folder_lock import only_run
from tests.hostile.commands import refused, run

HOME = Path(__file__).parents[2]
HOLDS = """
import sys, time
from fxchain.files.folder_lock import only_run
with only_run(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def locks(tmp_path, monkeypatch):
    """Return the folder of the locks, which is this test's own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return tmp_path / "temporary" / "fxchain-locks"


@pytest.fixture
def held(tmp_path):
    """Return what starts a process that holds a folder, and waits until it does."""
    started = []

    def start(folder):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDS, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HOME)},
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_second_run_is_refused_until_the_first_ends(tmp_path, locks):
    with only_run(tmp_path / "out"):
        said = pytest.raises(OutputError, match="another run of fxchain is at work in this folder")
        with said, only_run(tmp_path / "out"):
            raise AssertionError("both ran")
        with only_run(tmp_path / "other"):
            pass
    with only_run(tmp_path / "out"):
        pass
    assert not any(locks.iterdir()) and not (tmp_path / "out").exists()


@pytest.mark.parametrize("spelling", ["./out", "x/../out", "link/out", "out/"])
def test_one_folder_has_one_lock_however_it_is_called(tmp_path, monkeypatch, spelling):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    with only_run("out"), pytest.raises(OutputError), only_run(spelling):
        pass


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_run_leaves_no_lock(tmp_path, held, ending):
    process = held(tmp_path / "out")
    with pytest.raises(OutputError), only_run(tmp_path / "out"):
        pass
    process.send_signal(ending)
    process.wait()
    with only_run(tmp_path / "out"):
        pass


def test_of_many_at_the_same_time_one_runs(tmp_path):
    inside, most, errors = [0], [0], []

    def once(seed):
        rng = np.random.default_rng(seed)
        for _ in range(20):
            try:
                with only_run(tmp_path / "out", wait_seconds=float(rng.uniform(0, 0.01))):
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                    threading.Event().wait(float(rng.uniform(0, 0.002)))
                    inside[0] -= 1
            except OutputError as error:
                errors.append(error)

    threads = [threading.Thread(target=once, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1 and len(errors) < 120


def test_a_job_waits_for_the_one_before(tmp_path):
    first = only_run(tmp_path / "out")
    first.__enter__()
    timer = threading.Timer(0.3, first.__exit__, (None, None, None))
    timer.start()
    with only_run(tmp_path / "out", wait_seconds=20.0):
        timer.join()


def test_without_a_place_for_locks_it_runs_unlocked(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with only_run("out"), only_run("out"):
        pass
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # Python falls back to it where there is no other
    with only_run("out"), only_run("out"):
        pass
    assert not (tmp_path / "fxchain-locks").exists()


COMMANDS = {
    "match": ["d.wav", "w.wav", "--out", "out"],
    "match --resume": ["--resume", "out"],
    "transfer": ["d.wav", "w.wav", "--out", "out"],
    "simplify": ["out", "--knobs", "3", "--force"],
    "demo": ["--out", "out"],
    "benchmark": ["d.wav", "w.wav", "--out", "out"],
    "batch": ["m.csv", "--out", "out"],
    "studio": ["--jobs", "out", "--no-open"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_fills_a_folder_is_refused(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    with held_folders():
        hold(Path("out"))
        refused(run(command.split()[0], *COMMANDS[command]), "out: another run of fxchain")
    assert not (tmp_path / "out").exists()
