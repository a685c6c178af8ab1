"""The commands do what they say, and refuse with one line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.cli.primitives import markdown_of
from fxchain.data.signals import white_noise
from fxchain.files.audio_input import read_audio
from fxchain.files.audio_output import write_audio
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY
from fxchain.render import render
from fxchain.stage import Effect

ROOT = Path(__file__).parents[2]
RATE = 16_000
NODE = {
    "chain": [
        {"primitive": "peak_filter", "parameters": {"gain_db": 4.5}},
        {"mix": [{"weight": 0.7, "chain": []}, {"weight": -0.3, "primitive": "waveshaper"}]},
        {"primitive": "lowpass_filter"},
    ]
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder that is the current one and holds a preset and a recording."""
    stage, values, _ = parse_chain(NODE, "a.json")
    Preset(stage, values, 44_100).save(tmp_path / "a.json")
    write_audio(tmp_path / "in.wav", white_noise(0.5, RATE, channels=2), RATE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def names(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_render_writes_what_the_library_renders(folder):
    result = run("render", "a.json", "in.wav", "out.wav")
    assert result.exit_code == 0, result.output
    wet, dry = read_audio("out.wav"), read_audio("in.wav")
    expected = render(Preset.load("a.json"), dry.samples, RATE)
    np.testing.assert_array_equal(wet.samples, expected)
    assert soundfile.info("out.wav").subtype == "FLOAT"
    assert result.stderr == (
        "note: chain[2] (lowpass_filter): set above 7200 Hz, the highest frequency that is played "
        "at a sample rate of 16000 Hz, and played there\n"
    )


@pytest.mark.parametrize("tail, samples", [("0.25", 12_000), ("auto", 8_000)])
def test_render_goes_on_as_long_as_it_is_told(folder, tail, samples):
    assert run("render", "a.json", "in.wav", "out.wav", "--tail", tail).exit_code == 0
    length = read_audio("out.wav").length
    assert samples <= length <= samples + 100


def test_render_overwrites_only_with_force(folder):
    (folder / "out.wav").write_bytes(b"mine")
    assert run("render", "a.json", "in.wav", "out.wav").exit_code == 2
    assert (folder / "out.wav").read_bytes() == b"mine"
    assert run("render", "a.json", "in.wav", "out.wav", "--force").exit_code == 0
    assert read_audio("out.wav").length == 8_000


def test_show_prints_the_chain(folder):
    result = run("show", "a.json")
    assert result.exit_code == 0
    for words in (
        "a.json made at 44100 Hz",
        "gain_db 4.5 dB",
        "cutoff_frequency_hz 1000 Hz",
        "weight 0.7  unchanged",
        "weight -0.3  waveshaper",
        "no pedalboard plugin",
    ):
        assert words in result.stdout


def test_show_prints_a_single_effect(folder):
    stage, values, _ = parse_chain({"primitive": "gain"}, "b.json")
    Preset(stage, values, 44_100).save("b.json")
    assert "gain_db 0 dB" in run("show", "b.json").stdout


def test_export_writes_a_script_that_runs(folder):
    result = run("export", "a.json", "--format", "python", "--out", "board.py")
    assert result.exit_code == 0, result.output
    assert result.stderr == (
        "note: chain[1].mix[1] (waveshaper) has no pedalboard plugin; "
        "the script plays it in numpy\n"
    )
    command = [sys.executable, "-I", "board.py", "in.wav", "out.wav"]
    subprocess.run(command, check=True)
    assert run("render", "a.json", "in.wav", "mine.wav").exit_code == 0
    np.testing.assert_array_equal(read_audio("out.wav").samples, read_audio("mine.wav").samples)
    assert run("export", "a.json", "--out", "board.py").exit_code == 2
    assert run("export", "a.json", "--out", "board.py", "--force").exit_code == 0


def test_primitives_names_every_knob():
    result = run("primitives")
    assert result.exit_code == 0
    for kind, primitive in REGISTRY.items():
        assert kind in result.stdout
        for spec in primitive.parameters:
            assert spec.name in result.stdout


def test_the_page_of_primitives_describes_each():
    page = run("primitives", "--markdown").stdout
    assert page == markdown_of(list(REGISTRY.values()))
    assert all(f"\n## {kind}\n" in page for kind in REGISTRY)


def test_primitives_says_how_each_knob_is_searched():
    for kind, primitive in REGISTRY.items():
        section = markdown_of([primitive])
        line = next(text for text in section.splitlines() if text.startswith("- Derivatives: "))
        evolved = line.partition("evolution for ")[2].split(", ")
        for slot in Effect(primitive).slots() if not primitive.assets else ():
            assert slot.has_jacobian == (slot.spec.name not in evolved), (kind, slot.spec.name)


def broken(change):
    document = json.loads(Path("a.json").read_text(encoding="utf-8"))
    change(document)
    Path("b.json").write_text(json.dumps(document), encoding="utf-8")


def bad_text():
    Path("bad.wav").write_text("this is text")


def bad_empty():
    Path("bad.wav").write_bytes(b"")


def bad_samples():
    samples = white_noise(0.5, RATE).T
    samples[77] = np.nan
    soundfile.write("bad.wav", samples, RATE, subtype="FLOAT")


def bad_length():
    soundfile.write("bad.wav", np.zeros((0, 1)), RATE)


def bad_rate():
    soundfile.write("bad.wav", np.zeros((100, 1)), 8_000)


def bad_channels():
    soundfile.write("bad.wav", np.zeros((100, 6)), RATE)


def nothing():
    pass


RENDER = ["render", "a.json", "bad.wav", "out.wav"]
BROKEN = ["render", "b.json", "in.wav", "out.wav"]
REFUSED = {
    "missing audio": (nothing, RENDER, "bad.wav: there is no such file"),
    "not audio": (bad_text, RENDER, "bad.wav: this is not an audio file"),
    "empty file": (bad_empty, RENDER, "bad.wav: the file is empty"),
    "no samples": (bad_length, RENDER, "bad.wav: there are no samples"),
    "not finite": (bad_samples, RENDER, "bad.wav: sample 77 is not finite"),
    "a low rate": (bad_rate, RENDER, "bad.wav: the sample rate 8000 Hz"),
    "six channels": (bad_channels, RENDER, "bad.wav: 6 channels"),
    "a folder": (lambda: Path("bad.wav").mkdir(), RENDER, "bad.wav: this is a folder"),
    "output exists": (nothing, ["render", "a.json", "in.wav", "in.wav"], "exists already"),
    "no such format": (nothing, ["render", "a.json", "in.wav", "out.xyz"], "out.xyz: audio cannot"),
    "no such folder": (nothing, ["render", "a.json", "in.wav", "x/out.wav"], "does not exist"),
    "a tail of text": (nothing, [*RENDER, "--tail", "long"], "--tail 'long' is neither"),
    "a negative tail": (
        nothing,
        ["render", "a.json", "in.wav", "out.wav", "--tail", "-1"],
        "the tail of -1 s is outside",
    ),
    "missing preset": (nothing, BROKEN, "b.json: there is no such file"),
    "malformed": (lambda: Path("b.json").write_text("{"), BROKEN, "b.json: not a preset (line 1"),
    "newer": (
        lambda: broken(lambda d: d.update(version=3)),
        BROKEN,
        "b.json: version 3 is newer than the version 2 known here",
    ),
    "out of range": (
        lambda: broken(lambda d: d["stage"]["chain"][0]["parameters"].update(gain_db=99)),
        BROKEN,
        "b.json: chain[0] (peak_filter): gain_db = 99 is outside [-24, 24] dB",
    ),
    "shown": (nothing, ["show", "b.json"], "b.json: there is no such file"),
    "exported": (nothing, ["export", "b.json", "--out", "b.py"], "b.json: there is no such file"),
    "exported onto something": (
        nothing,
        ["export", "a.json", "--out", "in.wav"],
        "in.wav: exists already",
    ),
}


@pytest.mark.parametrize("prepare, arguments, message", REFUSED.values(), ids=REFUSED)
def test_bad_input_gets_one_line_and_leaves_nothing_behind(folder, prepare, arguments, message):
    prepare()
    before = names(folder)
    contents = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert names(folder) == before
    assert {path: path.read_bytes() for path in contents} == contents


@pytest.mark.parametrize("arguments", [["render"], ["rendre"], ["export", "a.json"], ["--loud"]])
def test_a_wrong_command_line_exits_with_2(folder, arguments):
    before = names(folder)
    assert run(*arguments).exit_code == 2
    assert names(folder) == before


def test_help_does_not_wait_for_heavy_libraries():
    code = (
        "import sys, fxchain.cli\n"
        "heavy = {'torch', 'numba', 'pedalboard', 'scipy', 'nevergrad', 'matplotlib'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
        "sys.argv = ['fxchain', '--help']\n"
        "fxchain.cli.main()\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert "render" in finished.stdout


def test_the_program_has_a_version():
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("fxchain ")
