"""Two folders exchange their names in one step, so that at no moment one is missing."""

import ctypes
import os
from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def swap_folders(first: Path, second: Path) -> None:
    """Exchange the names of two folders in the same folder.

    Where the system cannot do so in one step (Linux can), the second is absent for a moment.

    Raises:
        OSError: the file system refuses; both are then as they were.
    """
    if _exchanged(first, second):
        return
    aside = first.with_name(first.name + "-aside")
    second.rename(aside)
    try:
        first.rename(second)
    except BaseException:
        aside.rename(second)
        raise
    aside.rename(first)


def _exchanged(first: Path, second: Path) -> bool:
    """Exchange them in one step; return whether the system can."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    names = (os.fsencode(first), os.fsencode(second))
    return rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0
