"""Manifests, options and places to write that cannot be used get one line."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.commands import refused, run
from tests.hostile.corpus import RATE, WAV, strings, written

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, with a recording, a preset, a chain and a folder with a file."""
    monkeypatch.chdir(tmp_path)
    written(strings())(tmp_path / "a.wav")
    Path("gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    stage = {"primitive": "gain", "version": 1, "parameters": {"gain_db": -6.0}}
    preset = {"format": "fxchain-preset", "version": 1, "sample_rate": RATE, "stage": stage}
    Path("p.json").write_text(json.dumps(preset))
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    return tmp_path


MANIFESTS = {
    "empty": (b"", "the manifest is empty"),
    "only a head": (b"dry,wet\n", "lists no pairs"),
    "blank lines": (b"dry,wet\n\n,\n", "lists no pairs"),
    "no wet": (b"dry,id\na.wav,1\n", "the column 'wet' is missing"),
    "colons": (b"dry:wet\na.wav:a.wav\n", "the column 'dry' is missing"),
    "doubled": (b"dry,wet,wet\na.wav,a.wav,a.wav\n", "the column 'wet' stands twice"),
    "binary": (WAV, "this is not UTF-8 text"),
    "latin": ("dry,wet\nä.wav,a.wav\n".encode("latin-1"), "this is not UTF-8 text"),
    "null bytes": (b"dry,wet\na\0.wav,a.wav\n", "a"),
    "open quote": (b'dry,wet\n"a.wav,a.wav\n', "this is not a CSV file"),
    "long cell": (b"dry,wet\n" + b"x" * 200_000 + b",a.wav\n", "this is not a CSV file"),
    "more cells": (b"dry,wet\na.wav,a.wav,a.wav\n", "more cells than columns"),
    "empty cell": (b"dry,wet\na.wav,\n", "line 2: wet: the cell is empty"),
    "missing file": (b"dry,wet\na.wav,gone.wav\n", "line 2: wet: there is no file"),
    "folder": (b"dry,wet\nfull,a.wav\n", "line 2: dry: there is no file"),
    "channel": (b"dry,wet,dry_channel\na.wav,a.wav,-1\n", "dry_channel: '-1' is not a whole"),
    "far channel": (b"dry,wet,dry_channel\na.wav,a.wav,7\n", "there is no channel 7"),
    "latency": (b"dry,wet,latency_samples\na.wav,a.wav,late\n", "latency_samples: 'late'"),
    "long latency": (b"dry,wet,latency_samples\na.wav,a.wav,999999\n", "leaves nothing in common"),
    "polarity": (b"dry,wet,polarity\na.wav,a.wav,2\n", "polarity: '2' is not + or -"),
    "gain": (b"dry,wet,gain_free\na.wav,a.wav,yes\n", "gain_free: 'yes' is not 0 or 1"),
    "same id": (b"dry,wet,id\na.wav,a.wav,x\na.wav,a.wav,x\n", "the id 'x' stands in line 2"),
}


KNOBS = {
    "one position": (b"dry,wet,tone\na.wav,a.wav,5\n", "tone stands at 5 in every pair"),
    "missing column": (b"dry,wet\na.wav,a.wav\n", "the column 'tone' is missing"),
    "no number": (b"dry,wet,tone\na.wav,a.wav,high\n", "line 2: tone: 'high' is not the position"),
    "beyond": (b"dry,wet,tone\na.wav,a.wav,11\n", "tone = 11 is outside [0, 10]"),
}


@pytest.mark.parametrize("name", KNOBS)
def test_a_manifest_that_tells_nothing_of_a_knob_is_one_line(folder, name):
    content, reason = KNOBS[name]
    Path("pairs.csv").write_bytes(content)
    asked = ("match", "--pairs", "pairs.csv", "--knob", "tone", "--out", "out", "--iterations", 1)
    refused(run(*asked), "pairs.csv", reason)
    assert not Path("out").exists()


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_cannot_be_used_is_one_line(folder, name):
    content, reason = MANIFESTS[name]
    Path("m.csv").write_bytes(content)
    refused(run("match", "--pairs", "m.csv", "--out", "out", "--iterations", 1), reason)
    assert not Path("out").exists()


def test_a_manifest_that_is_no_file(folder):
    os.mkfifo("pipe.csv")
    Path("long.csv").touch()
    os.truncate("long.csv", 17 * 2**20)
    for name, reason in {
        "pipe.csv": "this is not a file",
        "full": "this is not a file",
        "gone.csv": "the manifest cannot be read (No such file",
        "long.csv": "larger than 16 MiB",
    }.items():
        refused(run("match", "--pairs", name, "--out", "out"), f"{name}: {reason}")


MATCH = ["match", "a.wav", "a.wav", "--out", "out"]
OPTIONS = {
    "seconds 0": ([*MATCH, "--seconds", "0"], "--seconds 0"),
    "seconds -1": ([*MATCH, "--seconds", "-1"], "--seconds -1"),
    "seconds nan": ([*MATCH, "--seconds", "nan"], "--seconds nan"),
    "seconds inf": ([*MATCH, "--seconds", "inf"], "--seconds inf"),
    "iterations": ([*MATCH, "--iterations", "0"], "--iterations 0"),
    "threads": ([*MATCH, "--threads", "0"], "--threads 0"),
    "seed": ([*MATCH, "--seed", "-1"], "--seed -1"),
    "chain": ([*MATCH, "--chain", "everything"], "everything"),
    "chain is audio": ([*MATCH, "--chain", "a.wav"], "a.wav: not a preset"),
    "chain is fixed": ([*MATCH, "--chain", "p.json"], "every value of this chain is fixed"),
    "without all": ([*MATCH, "--chain", "gain.json", "--without", "gain"], "nothing is left"),
    "without": ([*MATCH, "--without", "../gain"], "'../gain' is no effect"),
    "lock": ([*MATCH, "--lock", "ratio"], "write it as compressor.ratio=4"),
    "lock nan": ([*MATCH, "--lock", "compressor.ratio=nan"], "write it as"),
    "lock huge": ([*MATCH, "--lock", "compressor.ratio=1e308"], "ratio = 1e+308 is outside"),
    "lock unit": ([*MATCH, "--lock", "compressor.attack_ms=4 Hz"], "is given in ms"),
    "latency": ([*MATCH, "--latency-samples", "99999999"], "leaves nothing in common"),
    "tail": (["render", "p.json", "a.wav", "b.wav", "--tail", "nan"], "the tail of nan s"),
    "tail 1e308": (["render", "p.json", "a.wav", "b.wav", "--tail", "1e308"], "is outside"),
    "onto itself": (["render", "p.json", "a.wav", "a.wav"], "a.wav: exists already"),
    "into a folder": (["render", "p.json", "a.wav", "full"], "audio cannot be written as ''"),
    "no ending": (["render", "p.json", "a.wav", "out"], "audio cannot be written as ''"),
    "no folder": (["render", "p.json", "a.wav", "no/b.wav"], "does not exist; create it first"),
    "below a file": (["render", "p.json", "a.wav", "a.wav/b.wav"], "a.wav/b.wav: the folder"),
    "long name": (
        ["render", "p.json", "a.wav", "x" * 300 + ".wav"],
        "cannot be written",
    ),
    "device": (["export", "p.json", "--out", "/dev/full"], "this is a device, not a file"),
    "export exists": (["export", "p.json", "--out", "a.wav"], "exists already"),
    "out is full": ([*MATCH[:3], "--out", "full"], "the folder has files in it"),
    "out is a file": ([*MATCH[:3], "--out", "a.wav"], "is a file, not a folder"),
    "out below a file": ([*MATCH[:3], "--out", "a.wav/x"], "is a file, not a folder"),
    "demo": (["demo", "--out", "full"], "the folder has files in it"),
    "demo seconds": (["demo", "--out", "x", "--seconds", "-3"], "--seconds -3"),
    "demo seed": (["demo", "--out", "x", "--seed", "-3"], "--seed -3"),
    "cuda": ([*MATCH, "--device", "cuda:999"], "--device cuda:999: "),
    "device of a match": (
        [*MATCH, "--device", "mps"],
        "--device mps: give cpu, cuda, or cuda:N for one of",
    ),
    "device of a batch": (
        ["batch", "m.csv", "--out", "x", "--device", "gpu"],
        "--device gpu: give",
    ),
    "batch seconds": (["batch", "m.csv", "--out", "x", "--seconds", "0"], "--seconds 0"),
    "batch resume": (["batch", "m.csv", "--out", "x", "--resume"], "m.csv: the manifest cannot"),
    "batch of audio": (["batch", "a.wav", "--out", "x"], "a.wav: this is not UTF-8 text"),
    "transfer alone": (["transfer", "a.wav", "--out", "x"], "reference"),
    "transfer amount": (
        ["transfer", "a.wav", "a.wav", "--out", "x", "--amount", "101"],
        "--amount 101",
    ),
    "transfer amount nan": (
        ["transfer", "a.wav", "a.wav", "--out", "x", "--amount", "nan"],
        "--amount nan",
    ),
    "transfer dimension": (
        ["transfer", "a.wav", "a.wav", "--out", "x", "--match", "taste"],
        "taste",
    ),
    "transfer into full": (["transfer", "a.wav", "a.wav", "--out", "full"], "has files in it"),
    "transfer preset": (
        ["transfer", "a.wav", "--out", "x", "--from", "gain.json"],
        "gain.json: not a preset",
    ),
    "benchmark methods": (
        ["benchmark", "a.wav", "a.wav", "--out", "x", "--methods", "magic"],
        "--methods magic",
    ),
    "benchmark seconds": (
        ["benchmark", "a.wav", "a.wav", "--out", "x", "--seconds", "nan"],
        "--seconds nan",
    ),
    "benchmark gone": (["benchmark", "gone.csv", "--out", "x"], "gone.csv: the manifest cannot"),
    "studio megabytes": (["studio", "--most-megabytes", "nan"], "--most-megabytes nan"),
    "studio minutes": (["studio", "--longest-minutes", "-1"], "--longest-minutes -1"),
    "studio port": (["studio", "--port", "99999"], "cannot listen on 127.0.0.1 port 99999"),
    "resume": (["match", "--resume", "full"], "there is no checkpoint.json in it"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_that_cannot_be_is_one_line(folder, name):
    arguments, reason = OPTIONS[name]
    before = sorted(os.listdir())
    refused(run(*arguments), reason)
    assert sorted(os.listdir()) == before
    assert os.listdir("full") == ["mine.txt"]


WRITING = {
    "render": ["render", "p.json", "a.wav", "b.wav"],
    "render flac": ["render", "p.json", "a.wav", "b.flac"],
    "export": ["export", "p.json", "--out", "b.py"],
    "match": [
        "match",
        "a.wav",
        "a.wav",
        "--out",
        "out",
        "--chain",
        "gain.json",
        "--iterations",
        "1",
    ],
}


@pytest.mark.parametrize("name", WRITING)
def test_a_full_disk_is_one_line_and_leaves_nothing(folder, name):
    run(*WRITING["match"][:-4], "--help")  # what is loaded must not be limited
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    before = sorted(os.listdir())
    try:
        result = run(*WRITING[name])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert result.exit_code == 2, result.output
    assert result.stderr.splitlines()[-1].startswith("error: ")
    assert "cannot be written" in result.stderr.splitlines()[-1]
    assert [n for n in sorted(os.listdir()) if n != "out"] == before
    assert not Path("out").exists() or os.listdir("out") in ([], ["checkpoint.json"])


BY_NAME = [
    (["render", "p.json", "gone.wav", "b.wav"], "gone.wav: there is no such file"),
    (["render", "p.json", "gain.json", "b.wav"], "gain.json: this is not an audio file"),
    (["render", "gain.json", "a.wav", "b.wav"], "gain.json: not a preset"),
    (["show", "gone.json"], "gone.json: there is no such file"),
    (["export", "p.json", "--out", "a.wav"], "a.wav: exists already"),
    (["match", "gone.wav", "a.wav", "--out", "out"], "gone.wav: there is no such file"),
    (["match", "a.wav", "p.json", "--out", "out"], "p.json: this is not an audio file"),
    (["match", "--pairs", "gone.csv", "--out", "out"], "gone.csv: the manifest cannot be read"),
    (["match", "--resume", "full"], "full: there is no checkpoint.json"),
    (["demo", "--out", "full"], "full: the folder has files in it"),
]


@pytest.mark.parametrize(("arguments", "reason"), BY_NAME)
def test_the_program_itself_says_so_too(folder, arguments, reason):
    done = subprocess.run(
        [sys.executable, "-m", "fxchain", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert reason in done.stderr
