"""The program: its own options, and how errors are printed."""

import os
import signal
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from fxchain.cli.commands import Commands
from fxchain.cli.held_folders import held_folders
from fxchain.cli.output_streams import output_streams
from fxchain.errors import FxchainError


class OneLineErrors(TyperGroup):
    """Every command of fxchain; errors become one line on stderr and exit code 2."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": Commands()})

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            with held_folders():
                return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except KeyboardInterrupt:
            typer.echo("stopped; nothing is written", err=True)
            raise typer.Exit(130) from None
        except (FxchainError, OSError) as error:
            typer.echo(f"error: {' '.join(str(error).splitlines())}", err=True)
            raise typer.Exit(2) from error


app = typer.Typer(
    cls=OneLineErrors,
    help="Find the chain of effects between a dry and a wet recording, and play it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        typer.echo(f"fxchain {importlib.metadata.version('fxchain')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Parse the options before a command."""


def main() -> None:
    """Run the command that the command line names; SIGTERM stops it as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Looking for plug-ins of pydantic reads the metadata of every library that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    with output_streams():
        app()
