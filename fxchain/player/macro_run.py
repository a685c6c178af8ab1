"""The command line of a script with macros."""

import sys
from collections.abc import Callable
from typing import Any

from fxchain.player.macros import MacroRange, settings_of, split_settings
from fxchain.player.playing import render_file


def run_with_macros(
    build: Callable[..., Any], macros: dict[str, MacroRange], arguments: list[str]
) -> int:
    """Play IN into OUT with macros set as the command line says; return the exit code."""
    files, texts, words = [], [], iter(arguments)
    for word in words:
        if word == "--set":
            texts.append(next(words, ""))
        elif word.startswith("--set="):
            texts.append(word.removeprefix("--set="))
        else:
            files.append(word)
    if len(files) != 2:
        print("usage: python board.py IN OUT [--set NAME=VALUE …]", file=sys.stderr)
        return 2
    try:
        found = settings_of(macros, split_settings(texts))
        render_file(lambda rate: build(rate, **found), *files)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
