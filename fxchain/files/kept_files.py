"""Files that are kept in the user's folder for caches, since making them again takes time."""

import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder: `fxchain` in `XDG_CACHE_HOME`, or in `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "fxchain"


def keep_file(place: Path, made: bytes) -> None:
    """Write a file, complete or not at all; where that is impossible it is made again."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=place.parent)
    except OSError:
        return
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(made)
        os.replace(temporary, place)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
