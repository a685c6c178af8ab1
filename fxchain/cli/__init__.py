"""The command line, one file per command.

Only light libraries are imported here: torch and pedalboard wait until a command runs, so that
`fxchain --help` is instant.
"""

from fxchain.cli.app import app, main

__all__ = ["app", "main"]
