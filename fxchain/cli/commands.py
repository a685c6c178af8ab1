"""The commands of the program, in the order of its help.

`fxchain NAME` is `NAME` in `fxchain/cli/NAME.py`, a function or a group. A module is loaded when
its command is asked for, so that no command waits for what others import.
"""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import typer

NAMES = (
    "match",
    "batch",
    "transfer",
    "demo",
    "benchmark",
    "measure",
    "dataset",
    "synth",
    "render",
    "show",
    "simplify",
    "export",
    "studio",
    "primitives",
    "plugins",
    "doctor",
)


class Commands(Mapping[str, Any]):
    """Every command by its name, as typer runs it."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in NAMES:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = _command(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


def _command(name: str) -> Any:
    """Return a command, or a group of some."""
    found = getattr(importlib.import_module(f"fxchain.cli.{name}"), name)
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)
