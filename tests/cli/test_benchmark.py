"""`fxchain benchmark` and the networks it saves, on the command line."""

import json

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from fxchain.baselines.network_file import save_network
from fxchain.baselines.recipes import RECIPES
from fxchain.baselines.trained import TrainedNetwork
from fxchain.cli import app
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.files.audio_input import read_audio
from fxchain.player import BLOCK_SAMPLES

RATE = 16_000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in, with a pair and a manifest of it and of one that cannot be used."""
    monkeypatch.chdir(tmp_path)
    dry = plucked_strings(5.0, RATE)
    for name, audio in (("dry", dry), ("wet", -0.5 * dry), ("silent", 0 * dry)):
        soundfile.write(f"{name}.wav", audio.T, RATE, subtype="FLOAT")
    (tmp_path / "pairs.csv").write_text("id,dry,wet\na,dry.wav,wet.wav\nb,dry.wav,silent.wav\n")
    return tmp_path


def fxchain(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_two_files_are_compared_and_heard(folder):
    arguments = ["benchmark", "dry.wav", "wet.wav", "--out", "out", "--methods", "best_gain,lstm"]
    result = fxchain(*arguments, "--iterations", 2, "--threads", 1, "--listening-test")
    assert result.exit_code == 0, result.output
    assert "1 of 2: wet, best gain\n2 of 2: wet, LSTM" in result.stderr
    assert "| wet |" in result.stdout and "linear filter" not in result.stdout
    rows = json.loads((folder / "out" / "results.json").read_text())["rows"]
    assert [row["method"] for row in rows] == ["best_gain", "lstm"]
    assert rows[0]["held_out"]["esr"] < 1e-9
    assert len(list((folder / "out" / "listening-test").glob("clips/*.wav"))) == 3
    network = "out/pairs/wet/lstm/network.json"
    assert fxchain("render", network, "dry.wav", "again.wav").exit_code == 0
    np.testing.assert_allclose(
        read_audio("again.wav").samples,
        read_audio("out/pairs/wet/lstm/played.wav").samples,
        atol=1e-6,
    )
    again = fxchain(*arguments, "--iterations", 2, "--threads", 1)
    assert again.exit_code == 0 and again.stdout == result.stdout
    assert fxchain(*arguments, "--iterations", 3, "--threads", 1).exit_code == 2


def test_a_pair_that_cannot_be_used_is_said_and_the_others_are_measured(folder):
    result = fxchain("benchmark", "pairs.csv", "--out", "out", "--methods", "unprocessed")
    assert result.exit_code == 1
    assert "failed: b, unprocessed: pair b:" in result.stderr and "silent" in result.stderr
    assert "| a |" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["pairs.csv", "--methods", "wavnet"], "--methods wavnet: not one of unprocessed"),
        (["pairs.csv", "--seconds", "0"], "--seconds 0"),
        (["nothing.csv"], "nothing.csv: the manifest cannot be read"),
        (["dry.wav", "nothing.wav"], "nothing.wav: there is no such file"),
    ],
)
def test_refusals_are_one_line(folder, arguments, reason):
    result = fxchain("benchmark", *arguments, "--out", "out")
    assert result.exit_code == 2 and result.stdout == ""
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert reason in result.stderr
    assert not (folder / "out").exists()


def test_three_files_are_too_many(folder):
    assert fxchain("benchmark", "a.wav", "b.wav", "c.wav", "--out", "out").exit_code == 2


@pytest.fixture
def network(folder):
    """A network on disk, and itself."""
    torch.manual_seed(0)
    trained = TrainedNetwork("wavenet_small", RECIPES["wavenet_small"].make(), RATE, 1.0, 1.0)
    save_network(trained, "network.json")
    return trained


def test_a_network_plays_a_long_stereo_file_as_a_whole(network):
    noise = white_noise(1.5 * BLOCK_SAMPLES / RATE, RATE, channels=2)
    soundfile.write("in.wav", noise.T, RATE, subtype="FLOAT")
    assert fxchain("render", "network.json", "in.wav", "out.wav", "--tail", 0.1).exit_code == 0
    played = read_audio("out.wav").samples
    assert played.shape == (2, noise.shape[1] + RATE // 10)
    with torch.no_grad():
        whole, _ = network.network(torch.from_numpy(noise), network.network.initial_state(2))
    np.testing.assert_allclose(played[:, : noise.shape[1]], whole.numpy(), atol=1e-5)


def test_a_network_refuses_another_rate_and_a_broken_file(network, folder):
    soundfile.write("fast.wav", white_noise(0.1, 48_000).T, 48_000, subtype="FLOAT")
    document = json.loads((folder / "network.json").read_text())
    del document["kind"]
    (folder / "broken.json").write_text(json.dumps(document))
    for name, reason in (("network.json", "trained at 16000 Hz"), ("broken.json", "unknown: kind")):
        result = fxchain("render", name, "fast.wav", "out.wav")
        assert result.exit_code == 2 and reason in result.stderr
        assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
        assert not (folder / "out.wav").exists()
