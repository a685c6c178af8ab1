"""Command lines that repeat what was done."""

import os
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any


def file_name(source: Any, otherwise: str) -> str:
    """Return a file's name without its folder; for an array the other name."""
    if isinstance(source, str | os.PathLike):
        return Path(source).name
    return otherwise


def command_line(words: Sequence[str], names: Collection[str]) -> str:
    """Return a command line as a shell takes it.

    Args:
        words: of the command line
        names: which of them name recordings, with `--pairs` and what belongs to it
    """
    # A name that begins with a dash would be read as an option.
    return shlex.join(f"./{word}" if word in names and _dashed(word) else word for word in words)


def _dashed(word: str) -> bool:
    return word.startswith("-") and word not in ("--pairs", "--gain-per-pair")
