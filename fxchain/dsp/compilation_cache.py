"""Where compiled code is kept, so that it is compiled once and not in every run.

numba keeps it in the folder of NUMBA_CACHE_DIR, beside the source, or in the user's cache folder.
Where it may write to none of them, it would refuse to compile; then a temporary folder of the user
takes their place, and where there is none either, the code is compiled anew in every run.
"""

import os
import stat
import tempfile
from pathlib import Path

import numba


def find_cache() -> bool:
    """Return whether compiled code can be kept; give numba a temporary folder where it needs one.

    It changes `numba.config.CACHE_DIR` of this process alone.
    """
    if _numba_finds_one():
        return True
    folder = temporary_folder()
    if folder is None:
        return False
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    return _numba_finds_one()


def temporary_folder() -> Path | None:
    """Return a folder that is this user's own, below the system's for temporary files.

    Compiled code is executed when it is read, so a folder that another user made, or may write to,
    is not taken, and none in the working folder, which Python falls back to.

    Returns:
        the folder, which exists, or None where there can be none
    """
    own = os.geteuid() if hasattr(os, "geteuid") else None
    try:
        parent = Path(tempfile.gettempdir())
        if parent.samefile(os.getcwd()):
            return None
        folder = parent / f"fxchain-compiled-{'user' if own is None else own}"
        folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(found.st_mode):
        return None
    if own is not None and (found.st_uid != own or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        return None
    return folder


def _numba_finds_one() -> bool:
    """Return whether numba finds a folder for the code of this package."""
    try:
        numba.njit(cache=True)(_example)
    except RuntimeError:
        return False
    return True


def _example() -> None:
    """Lie in this file: numba looks beside it. It is never compiled."""


#: Whether compiled code is kept: what `cache` is in numba's decorators.
CACHED = find_cache()
