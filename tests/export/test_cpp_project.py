"""`fxchain export --format cpp`: a project that a compiler and CMake's file are enough for."""

import shutil
import subprocess

import numpy as np
import pytest
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import white_noise
from fxchain.preset import Preset, parse_chain
from tests.native.compiled import COMPILER, FLAGS

RATE = 44_100
CHAIN = {
    "chain": [
        {"primitive": "peak_filter", "parameters": {"gain_db": 6.0}},
        {"primitive": "distortion"},
        {
            "mix": [
                {"weight": 0.5, "chain": []},
                {"weight": -0.5, "chain": [{"primitive": "delay"}]},
            ]
        },
        {"primitive": "reverb"},
    ]
}


def run(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


@pytest.fixture
def preset(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stage, values, _ = parse_chain(CHAIN, "a.json")
    made = Preset(stage, values, RATE)
    made.save("a.json")
    return made


def test_the_project_plays_what_the_board_plays(preset, tmp_path):
    assert run("a.json", "--format", "cpp", "--out", "project").exit_code == 0
    folder = tmp_path / "project"
    cmake = (folder / "CMakeLists.txt").read_text()
    assert "STATIC player.cpp effects.cpp sources.cpp preset.cpp" in cmake
    assert "chain[0] (peak_filter) gain_db = 6 dB (-24 to 24)" in (folder / "README.md").read_text()
    if COMPILER is None:
        pytest.skip("no C++ compiler is installed (c++, g++ or clang++)")
    sources = ("player.cpp", "effects.cpp", "sources.cpp", "preset.cpp", "render.cpp")
    subprocess.run([COMPILER, *FLAGS, *sources, "-o", "render"], cwd=folder, check=True)
    audio = 0.5 * white_noise(0.5, RATE, channels=2)
    given = np.ascontiguousarray(audio.T, dtype="<f4").tobytes()
    played = subprocess.run([folder / "render", str(RATE), "2"], input=given, capture_output=True)
    made = np.frombuffer(played.stdout, "<f4").reshape(-1, 2).T
    np.testing.assert_array_equal(made, preset.board(RATE)(audio, RATE, reset=True))


@pytest.mark.skipif(shutil.which("cmake") is None, reason="CMake is not installed")
def test_cmake_finds_all_that_it_builds(preset, tmp_path):
    run("a.json", "--format", "cpp", "--out", "project")
    subprocess.run(["cmake", "-B", "build"], cwd=tmp_path / "project", check=True)


def test_nothing_is_overwritten(preset, tmp_path):
    assert run("a.json", "--format", "cpp", "--out", "project").exit_code == 0
    again = run("a.json", "--format", "cpp", "--out", "project")
    assert again.exit_code == 2 and "the folder has files in it" in again.stderr
    assert run("a.json", "--format", "cpp", "--out", "project", "--force").exit_code == 0


def test_a_stage_that_cannot_be_played_live_leaves_nothing(preset, tmp_path):
    stage, values, _ = parse_chain({"primitive": "pitch_shift"}, "b.json")
    Preset(stage, values, RATE).save("b.json")
    refused = run("b.json", "--format", "cpp", "--out", "project")
    assert refused.exit_code == 2 and len(refused.stderr.splitlines()) == 1
    assert "pitch_shift cannot be played live: it needs the future" in refused.stderr
    assert not (tmp_path / "project").exists()
