"""`fxchain export --format faust`: the compiled program plays what the board plays."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.player import Routing
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY
from tests.native import macro_preset
from tests.native.compiled import COMPILER

RATE = 44_100
KINDS = [kind for kind, primitive in REGISTRY.items() if primitive.faust is not None]
CHAIN = {
    "chain": [
        {"primitive": "highpass_filter", "parameters": {"cutoff_frequency_hz": 300.0}},
        {"primitive": "peak_filter", "parameters": {"gain_db": 6.0}},
        {"primitive": "waveshaper", "parameters": {"drive_db": 9.0, "bias": 0.3}},
        {
            "mix": [
                {"weight": 0.6, "chain": []},
                {"weight": -0.5, "chain": [{"primitive": "delay"}, {"primitive": "invert"}]},
            ]
        },
        {"primitive": "gain", "parameters": {"gain_db": -3.0}},
    ]
}


def preset_of(node, routing=None):
    stage, values, _ = parse_chain(node, "a.json")
    return Preset(stage, values, RATE, routing=routing)


def exported(preset, folder: Path):
    preset.save(folder / "a.json")
    arguments = ["export", folder / "a.json", "--format", "faust", "--out", folder / "a.dsp"]
    return CliRunner().invoke(app, list(map(str, arguments)))


def played(preset, audio, folder: Path, *settings, rate=RATE):
    """Return what the program makes of (channels, samples)."""
    if shutil.which("faust") is None:
        pytest.skip(
            "the compiler faust is not installed (Debian and Ubuntu: apt-get install faust)"
        )
    if COMPILER is None:
        pytest.skip("no C++ compiler is installed (c++, g++ or clang++)")
    done = exported(preset, folder)
    assert done.exit_code == 0, done.stderr
    host = Path(__file__).with_name("faust_host.cpp")
    compile_it = [COMPILER, "-std=c++17", "-O1", "-I.", host, "-o", "host"]
    for command in (["faust", "-double", "a.dsp", "-o", "mydsp.h"], compile_it):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return again(audio, folder, *settings, rate=rate)


def again(audio, folder: Path, *settings, rate=RATE):
    """Return what the program that was compiled last makes of (channels, samples)."""
    frames = np.ascontiguousarray(audio.T, "<f4").tobytes()
    command = [folder / "host", str(rate), *map(str, settings)]
    made = subprocess.run(command, input=frames, capture_output=True, check=True).stdout
    return np.frombuffer(made, "<f4").reshape(audio.shape[1], -1).T


@pytest.mark.parametrize("kind", KINDS)
def test_each_effect_plays_what_the_board_plays(kind, tmp_path):
    """Pedalboard's filters round in single precision, the program in double."""
    preset = preset_of({"primitive": kind, "parameters": dict(REGISTRY[kind].probe)})
    audio = 0.3 * white_noise(0.3, RATE, channels=2)
    wanted = preset.board(RATE)(audio, RATE, reset=True)
    assert null_depth_db(played(preset, audio, tmp_path), wanted) <= -100.0


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_a_chain_with_a_sum_plays_what_the_board_plays(tmp_path, rate):
    preset, audio = preset_of(CHAIN), 0.3 * white_noise(0.5, rate, channels=2)
    wanted = preset.board(rate)(audio, rate, reset=True)
    assert null_depth_db(played(preset, audio, tmp_path, rate=rate), wanted) <= -90.0


def test_channels_are_routed_as_in_the_preset(tmp_path):
    routing = Routing(((0.5, 0.25),), ((1.0,), (-0.5,)), (0, 7), (0.01, -0.02))
    preset, audio = preset_of(CHAIN, routing), 0.3 * white_noise(0.3, RATE, channels=2)
    wanted = preset.board(RATE)(audio, RATE, reset=True)
    assert null_depth_db(played(preset, audio, tmp_path), wanted) <= -90.0


def test_a_slider_has_the_value_of_its_control(tmp_path):
    preset, audio = preset_of(CHAIN), 0.3 * white_noise(0.3, RATE, channels=2)
    values = preset.values.copy()
    values[[slot.name for slot in preset.stage.slots()].index("waveshaper.drive_db")] = 20.0
    made = played(preset, audio, tmp_path, "3 Waveshaper: Drive", 20.0)
    wanted = Preset(preset.stage, values, RATE).board(RATE)(audio, RATE, reset=True)
    assert null_depth_db(made, wanted) <= -90.0
    assert null_depth_db(made, preset.board(RATE)(audio, RATE, reset=True)) > -20.0


def test_sliders_have_units_ranges_and_scales(tmp_path):
    assert exported(preset_of(CHAIN), tmp_path).exit_code == 0
    text = (tmp_path / "a.dsp").read_text()
    wanted = "[001]1 Highpass filter/[0]Cutoff frequency[unit:Hz][scale:log]"
    assert f'highpass_filter(hslider("v:{wanted}", 300.0, 20.0, 20000.0' in text
    assert "reverb" not in text and "clipping" not in text


def test_a_stage_without_faust_code_is_named_and_nothing_written(tmp_path):
    done = exported(
        preset_of({"chain": [{"primitive": "gain"}, {"primitive": "reverb"}]}), tmp_path
    )
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    assert "chain[1] (reverb) has no Faust code" in done.stderr
    assert not (tmp_path / "a.dsp").exists()


def test_a_turned_macro_is_what_the_preset_plays_there(tmp_path):
    preset, audio = macro_preset.preset(), 0.3 * white_noise(0.3, RATE, channels=2)
    preset = preset.with_macros({"tone": 2.5})
    wanted = preset.board(RATE)(audio, RATE, reset=True)
    assert null_depth_db(played(preset, audio, tmp_path), wanted) <= -90.0
    turned = macro_preset.TURNED
    settings = [each for name, value in turned.items() for each in (f"Macros: {name}", value)]
    made = again(audio, tmp_path, *settings)
    wanted = preset.with_macros(turned).board(RATE)(audio, RATE, reset=True)
    assert null_depth_db(made, wanted) <= -90.0
