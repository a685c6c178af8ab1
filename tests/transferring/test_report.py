"""The report of a transfer: its command, its recordings, its words."""

import re
import shlex

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import fxchain
from fxchain.cli import app
from fxchain.data.signals import plucked_strings
from fxchain.report.page import render_report
from tests.report.test_page import comparison_data

RATE = 16_000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in: an input, a reference with a hard name, a shorter one."""
    monkeypatch.chdir(tmp_path)
    for name, seed, seconds in (("in.wav", 1, 3.0), ("-a b.wav", 2, 4.0), ("short.wav", 3, 2.0)):
        soundfile.write(name, plucked_strings(seconds, RATE, seed=seed).T, RATE, subtype="FLOAT")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"iterations": 3}, ["--iterations 3"]),
        ({"iterations": 3, "match": ["tone", "level"], "amount": 40.0, "seed": 7},
         ["--match tone,level", "--amount 40", "--seed 7"]),
        ({"iterations": 3, "chain": "eq"}, ["--chain eq"]),
    ],
)  # fmt: skip
def test_the_command_repeats_the_transfer(folder, options, words):
    found = fxchain.transfer("in.wav", "-a b.wav", **options)
    command = found.metrics["command"]
    assert all(each in command for each in words), command
    program, *arguments = shlex.split(command)
    assert program == "fxchain"
    assert CliRunner().invoke(app, arguments).exit_code == 0
    again, _ = soundfile.read("again/matched.wav", dtype="float32", always_2d=True)
    np.testing.assert_array_equal(again.T, found.matched)


def test_the_command_of_a_preset_that_was_applied_anew_repeats_it(folder):
    fxchain.transfer("in.wav", "short.wav", iterations=3).write("out")
    half = fxchain.transfer("in.wav", preset="out/preset.json", amount=50.0)
    assert half.metrics["command"] == (
        "fxchain transfer in.wav --out again --from preset.json --amount 50"
    )
    (comparison,) = half.comparisons
    assert [track.key for track in comparison.tracks] == ["input", "matched"]
    assert "seconds" not in half.metrics["command"]


def test_each_reference_is_heard_beside_input_and_match(folder):
    found = fxchain.transfer("in.wav", "-a b.wav", "short.wav", iterations=3)
    assert [comparison.name for comparison in found.comparisons] == ["-a b.wav", "short.wav"]
    for comparison in found.comparisons:
        assert {track.samples.shape for track in comparison.tracks} == {(1, 3 * RATE)}
        assert comparison.compared is None
    short, _ = soundfile.read("short.wav", dtype="float32")
    repeated = found.comparisons[1].track("reference").samples[0]
    np.testing.assert_array_equal(repeated, np.concatenate([short, short[:RATE]]))
    html = render_report(found.content())
    assert [len(data["tracks"]) for data in comparison_data(html)] == [3, 3]


def test_the_page_says_how_near_it_comes_and_claims_no_error(folder):
    found = fxchain.transfer("in.wav", "short.wav", iterations=3)
    html = render_report(found.content())
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL)
    assert "in.wav in the style of short.wav" in text
    for part in ("Distance in", "harmonic density", "unlikeness", "LUFS", "dBFS", "100 %"):
        assert part in text, part
    for part in ("ESR", "held out", "held-out", "Difference", "Latency", "Polarity", "None"):
        assert part not in text, part
