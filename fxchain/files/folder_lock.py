"""One run at a time in a folder."""

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fxchain.errors import OutputError

try:
    import fcntl
except ImportError:  # Windows has none: two runs are then told apart by nobody
    fcntl = None  # type: ignore[assignment]

_POLL_SECONDS = 0.2
_READABLE = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
#: As of the folder for temporary files: everybody may add files, and remove their own.
_EVERYBODY = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO | stat.S_ISVTX


@contextmanager
def only_run(folder: str | Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold a folder for this run inside the block.

    The lock is the kernel's (`flock`), so that it ends with the process, however that ends. It lies
    on an empty file among the system's temporary files: the folder itself may not exist yet, and is
    replaced as a whole when results are written. Where there is no place for such a file, nothing
    is locked.

    Args:
        folder: of results; it need not exist
        wait_seconds: how long to wait for another run to end, s

    Raises:
        OutputError: another run holds the folder.
    """
    path = _lock_path(folder)
    until = time.monotonic() + wait_seconds
    while path is not None and (file := _opened(path)) is not None:
        if not _locked(file):
            os.close(file)
            if time.monotonic() >= until:
                raise OutputError(
                    f"{folder}: another run of fxchain is at work in this folder; wait for its "
                    "end, or choose another folder"
                )
            time.sleep(_POLL_SECONDS)
            continue
        try:
            if _is_at(file, path):
                yield
                return
        finally:
            with suppress(OSError):  # first the name, then the lock: whoever waits looks for both
                if _is_at(file, path):
                    path.unlink()
            os.close(file)
    yield


def _locked(file: int) -> bool:
    """Lock an open file; return whether that was possible, or the file system has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _is_at(file: int, path: Path) -> bool:
    """Return whether an open file still has its name; the run before may have removed it."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except OSError:
        return False


def _opened(path: Path) -> int | None:
    """Open a file, made when it is missing; None where it cannot be."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, _READABLE)
    except OSError:
        return None


def _lock_path(folder: str | Path) -> Path | None:
    """Return the file that stands for a folder; None where there is no place for it."""
    if fcntl is None:
        return None
    try:
        temporary = Path(tempfile.gettempdir())
        # Python falls back to the working folder, which is nobody's for temporary files.
        if not temporary.stat().st_mode & stat.S_ISVTX and temporary.samefile(os.getcwd()):
            return None
        locks = temporary / "fxchain-locks"
        if not locks.is_dir():
            locks.mkdir(exist_ok=True)
            locks.chmod(_EVERYBODY)
        name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()
    except (OSError, ValueError):
        return None
    return locks / name
