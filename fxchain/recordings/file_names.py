"""The names of the files of several pairs."""

import re
import unicodedata
from collections.abc import Sequence

from fxchain.recordings.pair_source import unique

#: Longer names are cut, characters; a file system takes 255 bytes.
_LONGEST = 50


def matched_files(ids: Sequence[str]) -> list[str]:
    """Return a file name `matched-ID.wav` for each id, safe everywhere and different for each."""
    return [f"matched-{name}.wav" for name in safe_names(ids)]


def safe_names(ids: Sequence[str]) -> list[str]:
    """Return a name for each id that any file system takes, different for each.

    Names that differ in capitals alone would be one file on some systems, so they count as equal.
    """
    used: set[str] = set()
    names = []
    for text in ids:
        safe = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", text))[:_LONGEST].strip(".")
        name = safe or "pair"
        taken = unique(name.casefold(), used)
        used.add(taken)
        names.append(f"{name}{taken.removeprefix(name.casefold())}")
    return names
