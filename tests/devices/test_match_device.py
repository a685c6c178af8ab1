"""`fxchain match --pairs … --knob …`: from recordings of several positions to macros."""

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import plucked_strings
from fxchain.metrics.scores import esr
from fxchain.preset import Preset
from fxchain.preset.macros import Macro, Move
from fxchain.primitives import REGISTRY
from fxchain.render import render
from fxchain.stage import Chain, Effect

RATE = 22_050
STAGE = Chain(
    (Effect(REGISTRY["distortion"], id="d"), Effect(REGISTRY["high_shelf_filter"], id="s"))
)
GAIN = Move("s", "gain_db", (0.0, 5.0, 10.0), (-9.0, -2.0, 4.0))
DEVICE = Preset(
    STAGE, [14.0, 1500.0, -2.0, 0.7], RATE, macros=(Macro("tone", 0.0, 10.0, 5.0, (GAIN,)),)
)
CHAIN = {"chain": [{"primitive": "distortion"}, {"primitive": "high_shelf_filter"}]}
POSITIONS = (0.0, 2.5, 5.0, 7.5, 10.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with five recordings of a device, their manifest, and its chain."""
    here = tmp_path_factory.mktemp("device")
    dry = np.atleast_2d(plucked_strings(4.5, RATE, seed=1)).astype(np.float32)
    soundfile.write(here / "dry.wav", dry.T, RATE, subtype="FLOAT")
    lines = ["dry,wet,tone"]
    for at in POSITIONS:
        wet = render(DEVICE.with_macros({"tone": at}), dry, RATE)
        soundfile.write(here / f"wet{at:g}.wav", wet.T, RATE, subtype="FLOAT")
        lines.append(f"dry.wav,wet{at:g}.wav,{at:g}")
    (here / "pairs.csv").write_text("\n".join(lines) + "\n")
    (here / "chain.json").write_text(json.dumps(CHAIN))
    return here


def match(folder, out, *more):
    words = ["match", "--pairs", folder / "pairs.csv", "--out", out, "--threads", 1]
    words += ["--chain", folder / "chain.json", "--iterations", 400, *more]
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def result(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("result") / "out"
    found = match(folder, out, "--knob", "tone")
    assert found.exit_code == 0, found.output
    return out, found.output


def test_only_the_value_that_moves_follows_the_knob(result):
    out, text = result
    preset = Preset.load(out / "preset.json")
    (macro,) = preset.macros
    assert (macro.name, macro.low, macro.high, macro.value) == ("tone", 0.0, 10.0, 5.0)
    assert [move.parameter for move in macro.moves] == ["gain_db"]
    truth = [DEVICE.with_macros({"tone": at}).values[2] for at in POSITIONS]
    assert macro.moves[0].values == pytest.approx(truth, abs=0.05)
    assert "found: tone moves the gain of the high shelf filter at 1.5 kHz" in " ".join(
        text.split()
    )


def test_it_plays_between_the_captured_positions(result, folder):
    out, _ = result
    dry = soundfile.read(folder / "dry.wav", dtype="float32", always_2d=True)[0].T
    wet = render(DEVICE.with_macros({"tone": 6.3}), dry, RATE)
    target = out.parent / "6.3.wav"
    command = [sys.executable, str(out / "board.py"), str(folder / "dry.wav"), str(target)]
    subprocess.run([*command, "--set", "tone=6.3"], check=True)
    made = soundfile.read(target, dtype="float32", always_2d=True)[0].T
    nearest = render(DEVICE.with_macros({"tone": 7.5}), dry, RATE)
    assert esr(wet, made) < 1e-3 * esr(wet, nearest)


def test_the_figures_of_positions_left_out_stand_beside_others(result):
    out, _ = result
    device = json.loads((out / "metrics.json").read_text())["device"]
    assert [each["positions"]["tone"] for each in device["captured"]] == list(POSITIONS)
    assert [row["position"] for row in device["left_out"]] == [2.5, 5.0, 7.5]
    assert device["captured_median"] < 1e-6
    assert all(row["esr"] < 0.01 * row["nearest"] for row in device["left_out"])
    page = (out / "report.html").read_text()
    assert "Knobs of the device" in page and "tone moves the gain" in page
    assert {path.name for path in out.iterdir()} >= {"board.py", "matched-wet0.wav"}


def test_iterations_repeat_bit_for_bit(result, folder, tmp_path):
    match(folder, tmp_path / "again", "--knob", "tone")
    first, second = (each / "preset.json" for each in (result[0], tmp_path / "again"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("knob", "sentence"),
    [("drive", "the column 'drive' is missing"), ("tone=0:9", "outside [0, 9]"), ("2", "--knob 2")],
)
def test_a_wrong_knob_is_one_line(folder, tmp_path, knob, sentence):
    found = match(folder, tmp_path / "out", "--knob", knob)
    assert found.exit_code == 2
    assert sentence in found.output and len(found.output.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_knob_needs_a_manifest(folder, tmp_path):
    words = ["match", str(folder / "dry.wav"), str(folder / "wet0.wav"), "--knob", "tone"]
    found = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out")])
    assert found.exit_code == 2 and "--knob needs --pairs" in found.output


def test_settings_of_plugins_cannot_follow_a_knob(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("fxchain.devices.match_device.hosted", lambda stage: ["a plug-in"])
    found = match(folder, tmp_path / "out", "--knob", "tone")
    assert found.exit_code == 2
    assert "--knob: macros cannot move settings of plug-ins" in found.output
