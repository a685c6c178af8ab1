"""No process that fxchain starts imports what lies in the working folder."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fxchain import child_process
from fxchain.child_process import module_command, module_environment

HOME = Path(child_process.__file__).parents[1]
#: Modules of Python and of the libraries that the processes import.
NAMES = ["random", "signal", "queue", "soundfile", "json", "threading", "numpy", "secrets"]
WORKERS = {
    "batch": "fxchain.batch.worker",
    "benchmark": "fxchain.benchmarking.worker",
    "studio": "fxchain.studio.worker",
    "search": "fxchain.optim.processes",
}


@pytest.fixture
def trapped(tmp_path, monkeypatch):
    """Return the working folder: it holds modules that leave a file when they are run."""
    monkeypatch.chdir(tmp_path)
    more = np.random.default_rng(0).choice(sorted(sys.stdlib_module_names), 40, replace=False)
    for name in {*NAMES, *more}:
        Path(f"{name}.py").write_text(f"open('executed {name}', 'w').close()\n")
    return tmp_path


def executed(folder):
    return sorted(path.name for path in folder.glob("executed*"))


def arguments(worker, folder):
    return [str(folder)] if worker in ("benchmark", "studio") else []


@pytest.mark.parametrize(
    ("worker", "path"), list(zip(WORKERS, ["", ".", os.pathsep, "here"], strict=True))
)
def test_a_worker_runs_no_file_of_the_working_folder(trapped, monkeypatch, worker, path):
    monkeypatch.setattr(sys, "path", [*path.split(os.pathsep), str(trapped), str(HOME), *sys.path])
    done = subprocess.run(
        [*module_command(WORKERS[worker], *arguments(worker, trapped)), "--help"],
        env=module_environment(),
        input=b"",
        capture_output=True,
    )
    assert not executed(trapped)
    assert b"No module named" not in done.stderr


def test_every_process_is_started_so():
    """Whatever starts Python takes command and environment from one place."""
    for path in (HOME / "fxchain").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "child_process.py":
            assert "sys.executable" not in text, path
        if "Popen(" in text:
            assert "module_environment" in text and "module_command" in text, path
        assert "multiprocessing" not in text and "ProcessPoolExecutor" not in text, path


def test_the_search_starts_its_processes_so(trapped):
    from fxchain.optim.processes import Other, Tasks

    other = Other(pickle.dumps(1), Tasks(), lambda task, result: None)
    other.tasks.put(None)
    other.join()
    assert not executed(trapped)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_on_the_path(tmp_path, monkeypatch, seed):
    rng = np.random.default_rng(seed)
    monkeypatch.chdir(tmp_path)
    elsewhere = [str(tmp_path / f"{number}") for number in rng.integers(0, 99, 3)]
    given = [*elsewhere, "", ".", str(tmp_path), f"{tmp_path}/"]
    monkeypatch.setattr(sys, "path", [given[i] for i in rng.permutation(len(given))])
    found = module_environment(ANY="1")
    assert sorted(found["PYTHONPATH"].split(os.pathsep)) == sorted(elsewhere)
    assert (found["PYTHONSAFEPATH"], found["ANY"]) == ("1", "1")


def test_fxchain_itself_may_lie_in_the_working_folder(monkeypatch):
    monkeypatch.chdir(HOME)
    monkeypatch.setattr(sys, "path", [str(HOME)])
    assert module_environment()["PYTHONPATH"] == str(HOME)


def test_the_program_as_a_module_leaves_the_working_folder(tmp_path):
    # Python itself has imported from there before, so only what comes later can be kept out.
    (tmp_path / "secrets.py").write_text("open('executed', 'w').close()\n")
    code = "import json, sys; print(json.dumps(sys.path))"
    (tmp_path / "sitecustomize.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "fxchain", "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
    )
    assert done.returncode == 0 and done.stdout.startswith(b"fxchain "), done.stderr
    assert not (tmp_path / "executed").exists()
    # a script of the user's own keeps its path
    kept = subprocess.run(
        [sys.executable, "-c", f"import fxchain; {code}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
    )
    assert json.loads(kept.stdout)[0] == ""
