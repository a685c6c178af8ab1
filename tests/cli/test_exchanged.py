"""Files given the wrong way round are offered exchanged, as a command to copy."""

import shlex

import numpy as np
import pytest
import soundfile
import typer
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.cli.exchanged_command import exchanged_command, offer_exchanged
from fxchain.data.signals import plucked_strings
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.pair_check import checked_pair
from tests.recordings.reading import read_pair

RATE = 16_000


def exchanged(*arguments):
    """Return the words of the exchanged command of one that is parsed and not run."""
    command = typer.main.get_command(app).commands["match"]
    return shlex.split(exchanged_command(command.make_context("match", list(arguments))))


def test_all_other_options_stay():
    rest = [
        "--iterations", "5", "--seed", "3", "--without", "reverb,delay", "--without", "echo",
        "--lock", "gain.gain_db=-6", "--polarity", "-", "--only-knobs", "--anyway",
        "--dry-channel", "1", "--chain", "my chain.json",
    ]  # fmt: skip
    found = exchanged("a.wav", "b.wav", *rest)
    assert found[:4] == ["fxchain", "match", "b.wav", "a.wav"]
    assert sorted(found[4:]) == sorted(rest)
    for option in ("--lock", "--polarity", "--chain", "--seed", "--dry-channel"):
        assert found[found.index(option) + 1] == rest[rest.index(option) + 1]


def test_a_given_latency_changes_its_sign_and_a_given_folder_its_name():
    found = exchanged("a.wav", "b.wav", "--latency-samples", "20.5", "--out", "x/found")
    assert found[found.index("--latency-samples") + 1] == "-20.5"
    assert found[found.index("--out") + 1] == "x/found-exchanged"


@pytest.mark.parametrize("seed", range(4))
def test_names_are_quoted_for_a_shell(seed):
    random = np.random.default_rng(seed)
    dry, wet = ("".join(random.choice(list("aé '\"$;&*\\`"), 12)) + ".wav" for _ in range(2))
    assert exchanged(dry, wet)[2:] == [wet, dry]
    assert exchanged("--", f"-{dry}", f"-{wet}")[2:] == [f"./-{wet}", f"./-{dry}"]


def early_pair(early_samples):
    """Return a dry, and a wet that begins too early."""
    dry = plucked_strings(4.0, RATE)
    return dry, 0.5 * dry[:, early_samples:]


@pytest.mark.parametrize("early_samples", np.random.default_rng(5).integers(320, 1_600, 4))
def test_it_is_offered_where_the_order_is_doubted(early_samples):
    context = typer.main.get_command(app).commands["match"].make_context("match", ["a", "b"])
    pair = early_pair(early_samples)
    for dry, wet, offered in ((*pair, True), (*reversed(pair), False)):
        said = []
        for sentence in checked_pair(align_pair(read_pair(dry, wet, RATE))).warnings:
            offer_exchanged(said.append, context, sentence)
        assert said == ["if they are: fxchain match b a"] * offered


def test_a_match_of_a_swapped_pair_prints_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    for name, audio in zip(("the dry.wav", "wet.wav"), early_pair(800), strict=True):
        soundfile.write(name, audio.T, RATE, subtype="FLOAT")
    options = ["--chain", "gain.json", "--iterations", "2"]
    done = CliRunner().invoke(app, ["match", "the dry.wav", "wet.wav", *options])
    assert done.exit_code == 0, done.output
    command = "if they are: fxchain match wet.wav 'the dry.wav' --iterations 2 --chain gain.json"
    assert command in done.stdout.splitlines() and f"note: {command}" in done.stderr.splitlines()
