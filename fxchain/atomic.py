"""Files that appear complete or not at all.

Everything is written beside its destination and moved there when it is finished, so an error or
Ctrl-C leaves neither half a file nor a lost older one.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fxchain.errors import OutputError

_STAGING_PREFIX = ".fxchain-"


def check_file_target(path: str | Path, force: bool = False) -> Path:
    """Refuse a destination that cannot or must not be written, before any work is done.

    Returns:
        the place the file will really have, with symbolic links followed

    Raises:
        OutputError: the file exists and `force` is off, or its folder is missing or read-only.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise OutputError(f"{path}: this is a folder; give the name of a file")
    if target.exists() and not target.is_file():
        raise OutputError(f"{path}: this is a device, not a file; give the name of a file")
    if target.exists() and not force:
        raise OutputError(f"{path}: exists already; choose another name or overwrite with --force")
    if not target.parent.is_dir():
        raise OutputError(f"{path}: the folder {target.parent} does not exist; create it first")
    if not os.access(target.parent, os.W_OK):
        raise OutputError(f"{path}: the folder {target.parent} is not writable")
    return target


def check_folder_target(folder: str | Path, force: bool = False) -> Path:
    """Refuse a results folder that cannot or must not be filled, before any work is done.

    Returns:
        the place the folder has or will have, with symbolic links followed

    Raises:
        OutputError: it holds something and `force` is off, is a file, or cannot be written.
    """
    target = Path(os.path.realpath(folder))
    existing = next(place for place in (target, *target.parents) if place.exists())
    if not existing.is_dir():
        raise OutputError(f"{folder}: {existing} is a file, not a folder; choose another name")
    if not os.access(existing, os.W_OK):
        raise OutputError(f"{folder}: the folder {existing} is not writable")
    if existing == target and not force and any(target.iterdir()):
        raise OutputError(
            f"{folder}: the folder has files in it; choose another or overwrite with --force"
        )
    return target


@contextmanager
def replacing(path: str | Path, force: bool = False) -> Iterator[Path]:
    """Yield a temporary file to fill; it becomes `path` when the block ends without an error.

    Raises:
        OutputError: as `check_file_target` says, or the file system refuses.
    """
    target = check_file_target(path, force)
    temporary = target.with_name(f"{_STAGING_PREFIX}{secrets.token_hex(8)}{target.suffix}")
    try:
        with _speaking_of(path):
            temporary.touch(exist_ok=False)
        yield temporary
        check_file_target(path, force)
        with _speaking_of(path):
            temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text_atomic(path: str | Path, text: str, force: bool = False) -> None:
    """Write `text` as UTF-8 with the line ends it has.

    Raises:
        OutputError: as `replacing` says.
    """
    with replacing(path, force) as temporary, _speaking_of(path):
        temporary.write_bytes(text.encode())


@contextmanager
def publishing(folder: str | Path, force: bool = False) -> Iterator[Path]:
    """Yield a temporary folder to fill; all of it moves into `folder` when the block succeeds.

    `folder` and its parents are created when missing, and removed again when the block fails.
    With `force`, files of the same names are replaced (and restored when a move fails); others
    stay.

    Raises:
        OutputError: as `check_folder_target` says, or the file system refuses.
    """
    target = check_folder_target(folder, force)
    missing = [place for place in (target, *target.parents) if not place.exists()]
    staging = None
    finished = False
    try:
        with _speaking_of(folder):
            target.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=target))
        yield staging
        with _speaking_of(folder):
            _move_all(staging, target)
        finished = True
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        if not finished:
            for place in missing:
                with suppress(OSError):
                    place.rmdir()


def _move_all(source: Path, target: Path) -> None:
    """Move every entry of `source` into `target`, or, on any error, none."""
    names = sorted(entry.name for entry in source.iterdir())
    replaced = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=target))
    try:
        for name in names:
            if os.path.lexists(target / name):
                (target / name).rename(replaced / name)
            (source / name).rename(target / name)
    except BaseException:
        # What was moved is read from the disk, so an interrupt between two moves is undone too.
        for name in names:
            if not os.path.lexists(source / name):
                (target / name).rename(source / name)
            if os.path.lexists(replaced / name):
                (replaced / name).rename(target / name)
        raise
    finally:
        shutil.rmtree(replaced, ignore_errors=True)


@contextmanager
def _speaking_of(path: str | Path) -> Iterator[None]:
    """Turn what the file system refuses into one sentence about `path`."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{path}: cannot be written ({reason})") from error
