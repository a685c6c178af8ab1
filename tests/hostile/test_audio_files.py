"""Broken recordings get one line from every command; strange ones are played and matched."""

import json
import os

import numpy as np
import pytest

from fxchain.files.audio_input import read_audio
from tests.hostile.commands import refused, run
from tests.hostile.corpus import BROKEN, RATE, STRANGE, UNMATCHABLE, strings, written


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, with a healthy recording and a preset."""
    monkeypatch.chdir(tmp_path)
    written(strings())(tmp_path / "good.wav")
    (tmp_path / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    stage = {"primitive": "gain", "version": 1, "parameters": {"gain_db": -6.0}}
    preset = {"format": "fxchain-preset", "version": 1, "sample_rate": RATE, "stage": stage}
    (tmp_path / "a.json").write_text(json.dumps(preset))
    return tmp_path


def listing(folder):
    return sorted(os.listdir(folder))


COMMANDS = {
    "render": lambda name: ["render", "a.json", name, "out.wav"],
    "match, dry": lambda name: ["match", name, "good.wav", "--out", "out", "--iterations", 1],
    "match, wet": lambda name: ["match", "good.wav", name, "--out", "out", "--iterations", 1],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_recording_is_one_line(folder, name, command):
    make, reason = BROKEN[name]
    path = folder / name
    make(path)
    before = listing(folder)
    refused(run(*COMMANDS[command](name)), name, reason)
    assert listing(folder) == before


@pytest.mark.parametrize("command", ["match, dry", "match, wet"])
@pytest.mark.parametrize("name", UNMATCHABLE)
def test_a_recording_that_cannot_be_matched_is_one_line(folder, name, command):
    make, reason = UNMATCHABLE[name]
    make(folder / name)
    if name == "opposed.wav" and command == "match, wet":
        return  # a stereo wet stays stereo
    before = listing(folder)
    refused(run(*COMMANDS[command](name)), name, reason)
    assert listing(folder) == before


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_recording_is_rendered(folder, name):
    STRANGE[name](folder / name)
    result = run("render", "a.json", name, "out of 'it' ü.wav")
    assert result.exit_code == 0, result.output
    source, made = read_audio(folder / name), read_audio(folder / "out of 'it' ü.wav")
    np.testing.assert_allclose(made.samples, source.samples * 10 ** (-6 / 20), rtol=1e-5, atol=1e-9)


#: In these little can be told, but a match with itself must end well.
MATCHED = ["8bit.wav", "side.wav", "dc.wav", "square.wav", "click.wav", "loud.wav", "denormals.wav"]


@pytest.mark.parametrize("name", MATCHED)
def test_a_strange_recording_is_matched(folder, name):
    STRANGE[name](folder / name)
    result = run(
        "match", name, name, "--out", "out", "--iterations", 2, "--chain", "gain.json", "--anyway"
    )
    assert result.exit_code == 0, result.output
    metrics = json.loads((folder / "out" / "metrics.json").read_text())
    assert metrics["fitted"]["esr"] < 0.05


@pytest.mark.parametrize("seed", range(30))
def test_random_damage_never_ends_in_anything_else(folder, seed):
    rng = np.random.default_rng(seed)
    name = sorted(STRANGE)[seed % len(STRANGE)]
    STRANGE[name](folder / name)
    data = bytearray((folder / name).read_bytes())
    for _ in range(int(rng.integers(1, 20))):
        data[int(rng.integers(min(len(data), 80 if seed % 2 else len(data))))] = rng.integers(256)
    (folder / name).write_bytes(bytes(data))
    result = run("render", "a.json", name, "out.wav")
    assert result.exit_code in (0, 2) and (
        result.exception is None or isinstance(result.exception, SystemExit)
    )
    if result.exit_code == 0:
        assert np.isfinite(read_audio("out.wav").samples).all()
    else:
        assert not (folder / "out.wav").exists()
