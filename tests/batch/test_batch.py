"""A batch does every job, whatever becomes of one, and goes on where it was stopped."""

import csv
import json
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.batch.hooks import BatchHooks
from fxchain.batch.job import DONE, FAILED, INTERRUPTED
from fxchain.batch.local import THREAD_VARIABLES, _environment
from fxchain.batch.run import Resources, default_workers, run_batch
from fxchain.cli import app
from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError, OutputError
from fxchain.matching.options import MatchOptions

RATE = 16_000
FILES = ["board.py", "matched.wav", "metrics.json", "preset.json", "report.html"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder: three pairs of which the second is silent, and a chain."""
    monkeypatch.chdir(tmp_path)
    lines = ["dry,wet,id"]
    for number, name in enumerate(["first", "silent", "la/st"]):
        dry = plucked_strings(0.8, RATE, number)
        soundfile.write(f"dry{number}.wav", dry.T, RATE, "FLOAT")
        level = 0.0 if name == "silent" else 5.0
        soundfile.write(f"wet{number}.wav", np.tanh(level * dry).T, RATE, "FLOAT")
        lines.append(f"dry{number}.wav,wet{number}.wav,{name}")
    Path("m.csv").write_text("\n".join(lines) + "\n")
    Path("chain.json").write_text('{"chain": [{"primitive": "distortion"}]}')
    return tmp_path


def asked(**changes):
    """Return the options of every job."""
    usual = {"chain": "chain.json", "iterations": 6, "threads": 1, "measured_response": False}
    return MatchOptions(**{**usual, **changes})


def batch(resources=None, options=None, resume=False, **hooks):
    return run_batch(
        Path("m.csv"),
        Path("out"),
        options or asked(),
        resources or Resources(workers=2),
        resume=resume,
        hooks=BatchHooks(**hooks),
    )


def statuses(found):
    return [row["status"] for row in found.rows]


def test_a_job_that_fails_or_is_killed_does_not_stop_the_rest(folder):
    killed = []

    def kill_once(job, process):
        if job.id == "first" and not killed:
            killed.append(process)
            os.kill(process, signal.SIGKILL)

    found = batch(started=kill_once)
    assert found.complete and statuses(found) == [DONE, FAILED, DONE]
    first, silent, _ = found.rows
    assert first["attempts"] == 2 and silent["attempts"] == 1
    assert "wet1.wav: silent" in silent["error"]
    for name in ("first", "la_st"):
        assert sorted(os.listdir(f"out/{name}")) == FILES
    assert sorted(os.listdir("out")) == [
        "batch.json", "first", "la_st", "summary.csv", "summary.json",
    ]  # fmt: skip
    with open("out/summary.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["first", "silent", "la/st"]
    assert json.loads(Path("out/summary.json").read_text()) == found.rows

    begun = []
    again = batch(resume=True, started=lambda job, _: begun.append(job.id))
    assert begun == ["silent"] and statuses(again) == [DONE, FAILED, DONE]
    assert again.rows[0]["attempts"] == 0
    assert again.rows[0]["fitted_esr"] == first["fitted_esr"]


def test_a_job_that_always_dies_is_given_up(folder):
    def kill(job, process):
        if job.id == "first":
            os.kill(process, signal.SIGKILL)

    found = batch(Resources(workers=2, retries=1), started=kill)
    assert statuses(found) == [FAILED, FAILED, DONE]
    assert "signal 9" in found.rows[0]["error"] and found.rows[0]["attempts"] == 2


def test_a_job_that_runs_out_of_memory_is_a_row(folder):
    found = batch(Resources(workers=2, retries=0, memory_mebibytes=60))
    assert statuses(found) == [FAILED] * 3
    assert all(row["error"].startswith("its process ") for row in found.rows)


def test_a_stopped_batch_goes_on(folder):
    told = []

    def stop(_, phase, *__):
        told.append(phase)
        if phase == "second order" and "stopped" not in told:
            told.append("stopped")
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    found = batch(Resources(workers=1), asked(iterations=4000), watch=stop)
    assert not found.complete and found.rows[0]["status"] == INTERRUPTED
    assert sorted(os.listdir("out/first")) == sorted([*FILES, "checkpoint.json"])
    assert statuses(found)[2] == "waiting"


def test_another_batch_is_not_gone_on_with(folder):
    def stop(*_):
        raise KeyboardInterrupt

    Path("m.csv").write_text("dry,wet,id\ndry1.wav,wet1.wav,silent\n")
    batch()
    with pytest.raises(OutputError, match="has files in it"):
        batch()
    with pytest.raises(MatchError, match="another manifest or other options"):
        batch(options=asked(seed=1), resume=True)
    with pytest.raises(MatchError, match=r"there is no batch\.json"):
        run_batch(Path("m.csv"), Path("other"), asked(), Resources(), resume=True)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["m.csv", "--workers", "0"], "--workers 0"),
        (["m.csv", "--retries", "-1"], "--retries -1"),
        (["m.csv", "--memory-mib", "0"], "--memory-mib 0"),
        (["m.csv", "--threads", "0"], "--threads 0"),
        (["m.csv", "--chain", "everything"], "everything"),
        (["gone.csv"], "gone.csv: the manifest cannot be read"),
        (["dry0.wav"], "dry0.wav: this is not UTF-8 text"),
    ],
)
def test_what_cannot_be_is_one_line(folder, arguments, reason):
    result = CliRunner().invoke(app, ["batch", *arguments, "--out", "out"])
    assert result.exit_code == 2 and reason in result.stderr
    assert result.stderr.startswith("error: ") and len(result.stderr.splitlines()) == 1
    assert not Path("out").exists()


def test_the_command_prints_a_table_and_tells_of_failures(folder):
    Path("m.csv").write_text("dry,wet,id\ndry1.wav,wet1.wav,silent\n")
    result = CliRunner().invoke(app, ["batch", "m.csv", "--out", "out", "--chain", "chain.json"])
    assert result.exit_code == 1
    assert "silent" in result.stdout and "written to out" in result.stdout


def test_workers_and_threads_do_not_fight():
    cores = default_workers(1)
    assert cores >= 1 and default_workers(2 * cores) == 1
    environment = _environment(3)
    assert {environment[name] for name in THREAD_VARIABLES} == {"3"}
