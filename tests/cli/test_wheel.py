"""A wheel, built and unpacked elsewhere, works without the source tree.

The libraries that it needs are those of the environment of the tests: nothing is downloaded.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fxchain.cli.commands import NAMES

pytestmark = pytest.mark.skipif(
    not (find_spec("pip") and find_spec("setuptools")), reason="pip and setuptools build wheels"
)

ROOT = Path(__file__).parents[2]
RATE = 16_000
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
NO_CODE = shutil.ignore_patterns("__pycache__")
#: The stage of a preset that halves a recording, -6.0206 dB.
HALF = {"primitive": "gain", "version": 1, "parameters": {"gain_db": -6.0206}}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return a wheel that was built of nothing but what belongs to the package."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT / "fxchain", source / "fxchain", ignore=NO_CODE)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = ("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir")
    subprocess.run([*PIP, *build, folder, source], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the folder into which the wheel is installed."""
    folder = tmp_path_factory.mktemp("installed")
    install = ("install", "--no-index", "--no-deps", "--no-compile", "--target")
    subprocess.run([*PIP, *install, folder, wheel], check=True)
    return folder


@pytest.fixture
def python(installed, tmp_path, monkeypatch):
    """Return what runs Python with the installed wheel, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    # a second of sound takes less time in Python than compiling does
    environment = {**os.environ, "PYTHONPATH": str(installed), "NUMBA_DISABLE_JIT": "1"}

    def run(*arguments):
        command = [sys.executable, "-P", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_wheel_holds_every_file_of_the_package(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("fxchain/")}
    files = (path for path in (ROOT / "fxchain").rglob("*") if path.is_file())
    wanted = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    assert held == wanted
    assert {Path(name).suffix for name in held} >= {".py", ".css", ".js", ".jinja"}


def test_the_installed_package_is_the_one_that_runs(python, installed):
    code = "import importlib.metadata, fxchain; print(fxchain.__file__); "
    code += "print(importlib.metadata.distribution('fxchain').locate_file('fxchain'))"
    file, distribution = python("-c", code).splitlines()
    assert Path(file) == installed / "fxchain" / "__init__.py"
    assert Path(distribution) == installed / "fxchain"


def test_what_describes_runs_from_the_wheel(python):
    assert python("-m", "fxchain", "--version").startswith("fxchain ")
    assert "gain_db" in python("-m", "fxchain", "primitives")
    assert "nothing that fxchain needs is missing" in python("-m", "fxchain", "doctor")


def test_every_command_explains_itself_from_the_wheel(python):
    code = (
        "import typer; from fxchain.cli import app\n"
        "for name, command in typer.main.get_command(app).commands.items():\n"
        "    print(name, command.make_context(name, [], resilient_parsing=True).get_usage())"
    )
    lines = python("-c", code).splitlines()
    assert {line.split(" ")[0] for line in lines} >= set(NAMES)


def test_what_plays_a_preset_runs_from_the_wheel(python):
    document = {"format": "fxchain-preset", "version": 2, "sample_rate": RATE}
    Path("half.json").write_text(json.dumps({**document, "stage": {"chain": [HALF]}}))
    dry = np.random.default_rng(0).uniform(-0.5, 0.5, RATE).astype(np.float32)
    soundfile.write("dry.wav", dry, RATE, "FLOAT")
    assert "gain_db -6.02" in python("-m", "fxchain", "show", "half.json")
    python("-m", "fxchain", "render", "half.json", "dry.wav", "rendered.wav")
    python("-m", "fxchain", "export", "half.json", "--out", "board.py")
    python("board.py", "dry.wav", "played.wav")
    for name in ("rendered.wav", "played.wav"):
        np.testing.assert_allclose(soundfile.read(name)[0], 0.5 * dry, atol=1e-5)


@pytest.mark.slow
def test_a_match_runs_from_the_wheel(python):
    dry = np.random.default_rng(0).uniform(-0.5, 0.5, RATE).astype(np.float32)
    soundfile.write("dry.wav", dry, RATE, "FLOAT")
    soundfile.write("wet.wav", 0.5 * dry, RATE, "FLOAT")
    Path("gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    python(
        "-m", "fxchain", "match", "dry.wav", "wet.wav", "--chain", "gain.json", "--iterations", 2
    )
    stage = json.loads(Path("wet-match/preset.json").read_text())["stage"]
    assert stage["chain"][0]["parameters"]["gain_db"] == pytest.approx(-6.0206, abs=0.01)
    assert "<svg" in Path("wet-match/report.html").read_text()
