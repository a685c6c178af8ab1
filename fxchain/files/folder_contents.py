"""What a folder holds, in a few words, where a file was wanted."""

import os
from pathlib import Path

#: So many names are given; the rest is counted.
_NAMED = 6


def contents(folder: Path) -> str:
    """Return ` (in it: a.wav, b.wav and 3 more)`, visible names in alphabetical order.

    Args:
        folder: a folder

    Returns:
        the words, with characters replaced that are not UTF-8; ` (it is empty)`; or nothing where
        the folder cannot be read
    """
    try:
        found = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return ""
    if not found:
        return " (it is empty)"
    names = [os.fsencode(name).decode("utf-8", "replace") for name in found[:_NAMED]]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f" (in it: {', '.join(names)}{more})"
