"""The commands of the tutorial and the Python examples of all pages run."""

import functools
import importlib
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

import fxchain
from fxchain.baselines import linear
from fxchain.cli import app
from fxchain.data.signals import plucked_strings
from fxchain.files.audio_output import write_audio
from tests.docs.pages import ROOT, Page, pages

RATE_HZ, STEPS = 16_000, 2
#: Above 4 s a part is held out, which the examples in Python print.
SECONDS, BRIEF_SECONDS = 4.5, 1.0
TUTORIAL = Page(ROOT / "docs" / "tutorial.md")
EXAMPLES = [page for page in pages() if page.blocks("python")]


@pytest.fixture
def folder(tmp_path, monkeypatch, request):
    """Return a folder that is the current one, with the recordings that the pages name."""
    monkeypatch.chdir(tmp_path)
    seconds = getattr(request, "param", SECONDS)
    for number, (dry, wet) in enumerate(
        [("dry", "wet"), ("dry1", "wet1"), ("dry2", "wet2"), ("mine", "theirs"), ("another", None)]
    ):
        audio = plucked_strings(seconds, RATE_HZ, seed=number)
        write_audio(tmp_path / f"{dry}.wav", audio, RATE_HZ)
        if wet:
            write_audio(tmp_path / f"{wet}.wav", 0.5 * np.tanh(3.0 * audio), RATE_HZ)
    rows = ("dry.wav,wet.wav,0,2", "dry1.wav,wet1.wav,5,5", "dry2.wav,wet2.wav,10,8")
    (tmp_path / "pairs.csv").write_text("\n".join(["dry,wet,drive,tone", *rows]) + "\n")
    return tmp_path


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Let every search of the library end after a few steps, and the baselines be small."""
    for fitted in (linear.best_linear_filter, linear.joint_linear_filter):
        monkeypatch.setitem(fitted.__kwdefaults__, "taps", 64)
    demo = importlib.import_module("fxchain.cli.demo")
    monkeypatch.setattr(demo, "SAMPLE_RATE", RATE_HZ)
    monkeypatch.setattr(demo, "DRY_SECONDS", BRIEF_SECONDS)
    chains = {"match": "eq", "match_pairs": "eq", "match_device": "eq", "transfer": "style"}
    for name, chain in chains.items():
        monkeypatch.setattr(fxchain, name, few_steps(getattr(fxchain, name), chain))


def few_steps(search, chain):
    """Return a search that takes a few steps, with another chain where none is named."""

    @functools.wraps(search)
    def searching(*arguments, seconds=60.0, **options):
        return search(*arguments, **{"chain": chain, **options, "iterations": STEPS})

    return searching


@pytest.mark.slow
@pytest.mark.parametrize("folder", [BRIEF_SECONDS], indirect=True)
def test_the_tutorial(folder):
    """Each command as it stands there, but for how long it searches."""
    commands = [line for block in TUTORIAL.blocks("sh") for line in block.splitlines()]
    ran = [command for command in commands if run(command)]
    assert len(ran) >= 8
    assert {each.split()[1] for each in ran if each.startswith("fxchain")} >= {"match", "show"}
    for name in ("matched/report.html", "another-wet.wav", "another-rendered.wav", "demo/wet.wav"):
        assert (folder / name).stat().st_size > 0


def run(command):
    """Run a line of shell and say whether it was one of the project's own."""
    command = re.sub(r"--seconds \d+", f"--iterations {STEPS}", command)
    program, *arguments = shlex.split(command)
    if program == "fxchain":
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, f"{command}: {result.output}"
    elif program == "python":
        subprocess.run([sys.executable, *arguments], check=True)
    else:  # the demo's recordings are longer than the ones of this test, which stay
        assert program in ("pip", "cp")
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.name)
def test_python_examples(page, folder):
    """The blocks of a page one after the other, as if typed into one session."""
    names = {}
    for number, block in enumerate(page.blocks("python")):
        if "audio" in block and "audio" not in names:
            names["audio"] = plucked_strings(1.0, 44_100)
        exec(compile(block, f"{page.name}, example {number + 1}", "exec"), names)
