"""`fxchain synth`: the group of its commands."""

import typer

from fxchain.cli.synth_kit import kit
from fxchain.cli.synth_match import match
from fxchain.cli.synth_notes import notes
from fxchain.cli.synth_play import play

synth = typer.Typer(
    help="Find the synthesizer patch of a recording, and play it.", no_args_is_help=True
)
synth.command()(match)
synth.command()(play)
synth.command()(notes)
synth.command()(kit)

__all__ = ["synth"]
