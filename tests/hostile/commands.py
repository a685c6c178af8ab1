"""Commands in this process, and what a refusal is."""

from typing import Any

from typer.testing import CliRunner

from fxchain.cli import app


def run(*arguments: Any) -> Any:
    """Run a command."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(result: Any, *parts: str) -> None:
    """Check that a refusal is one line that holds all parts, such as a file and a reason."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), result.stderr
    for part in parts:
        assert " ".join(part.split()) in lines[0], lines[0]
