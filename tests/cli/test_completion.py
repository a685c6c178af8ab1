"""Shells complete the names of commands and options."""

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from fxchain.cli import app

COMMANDS = sorted(typer.main.get_command(app).commands)


def completed(line):
    """Return what bash is offered for the last word of a line."""
    words = line.split(" ")
    environment = {
        "_FXCHAIN_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    return CliRunner().invoke(app, [], env=environment, prog_name="fxchain").output.split()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_documented_line_prints_what_the_shell_evaluates(shell):
    environment = {"_FXCHAIN_COMPLETE": f"source_{shell}"}
    script = CliRunner().invoke(app, [], env=environment, prog_name="fxchain").output
    assert f"_FXCHAIN_COMPLETE=complete_{shell}" in script and "_fxchain_completion" in script


@pytest.mark.parametrize("seed", range(4))
def test_the_beginning_of_a_command_is_completed(seed):
    random = np.random.default_rng(seed)
    name = str(random.choice(COMMANDS))
    begun = name[: random.integers(1, len(name))]
    wanted = [each for each in COMMANDS if each.startswith(begun)]
    assert sorted(completed(f"fxchain {begun}")) == wanted


def test_the_beginning_of_an_option_is_completed():
    assert set(completed("fxchain match --lo")) == {"--lock"}
