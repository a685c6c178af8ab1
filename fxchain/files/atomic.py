"""Files that appear complete or not at all.

Everything is written beside its destination and moved there when it is finished, so an error or
Ctrl-C leaves neither half a file nor a lost older one.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fxchain.errors import OutputError
from fxchain.files.swap_folders import swap_folders

_STAGING_PREFIX = ".fxchain-"


def check_file_target(path: str | Path, force: bool = False) -> Path:
    """Refuse a destination that cannot or must not be written, before any work is done.

    Returns:
        the place the file will really have, with symbolic links followed

    Raises:
        OutputError: the file exists and `force` is off, or its folder is missing or read-only.
    """
    target = Path(os.path.realpath(path))
    with _naming_errors(path):
        target.exists()
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


def check_folder_target(folder: str | Path, force: bool = False, own: Collection[str] = ()) -> Path:
    """Refuse a results folder that cannot or must not be filled, before any work is done.

    Args:
        folder: where
        force: it may hold files
        own: names of files that it may hold in any case

    Returns:
        the place the folder has or will have, with symbolic links followed

    Raises:
        OutputError: it holds something and `force` is off, is a file, or cannot be written.
    """
    target = Path(os.path.realpath(folder))
    with _naming_errors(folder):
        existing = next(place for place in (target, *target.parents) if place.exists())
    if not existing.is_dir():
        raise OutputError(f"{folder}: {existing} is a file, not a folder; choose another name")
    if not os.access(existing, os.W_OK):
        raise OutputError(f"{folder}: the folder {existing} is not writable")
    if existing == target and not force and not _entries(target) <= set(own):
        raise OutputError(
            f"{folder}: the folder has files in it; choose another or overwrite with --force"
        )
    return target


@contextmanager
def replacing(path: str | Path, force: bool = False) -> Iterator[Path]:
    """Yield a temporary file to fill; it becomes `path` when the block ends without an error.

    Raises:
        OutputError: see `check_file_target`, or the file system refuses.
    """
    target = check_file_target(path, force)
    temporary = target.with_name(f"{_STAGING_PREFIX}{secrets.token_hex(8)}{target.suffix}")
    try:
        with _naming_errors(path):
            temporary.touch(exist_ok=False)
        yield temporary
        check_file_target(path, force)
        with _naming_errors(path):
            temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text_atomic(path: str | Path, text: str, force: bool = False) -> None:
    """Write `text` as UTF-8 with the line ends it has; what is no Unicode in it is replaced.

    Raises:
        OutputError: see `replacing`.
    """
    with replacing(path, force) as temporary, _naming_errors(path):
        temporary.write_bytes(text.encode("utf-8", "replace"))


@contextmanager
def publishing(
    folder: str | Path, force: bool = False, own: Collection[str] = ()
) -> Iterator[Path]:
    """Yield a temporary folder to fill; all of it moves into `folder` when the block succeeds.

    `folder` and its parents are created when missing, and removed again when the block fails. A
    folder that is missing, empty, or holds nothing but what is replaced appears in one step: even a
    process that is killed leaves it as it was or complete. With `force`, files of the same names
    are replaced (and restored when a move fails); others stay, and the new ones come one by one.

    Args:
        folder: where
        force: write into a folder that has files in it
        own: names of files there that an earlier run left: they need no `force`, and those that
            are not written anew are removed

    Raises:
        OutputError: see `check_folder_target`, or the file system refuses.
    """
    target = check_folder_target(folder, force, own)
    missing = [place for place in target.parents if not place.exists()]
    staging = None
    finished = False
    try:
        with _naming_errors(folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            staging = _staging(target)
        yield staging
        with _naming_errors(folder):
            _publish(staging, target, own)
        finished = True
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        if not finished:
            for place in missing:
                with suppress(OSError):
                    place.rmdir()


def _entries(folder: Path) -> set[str]:
    """Return the names in a folder, without temporary files of a killed process."""
    return {name for name in os.listdir(folder) if not name.startswith(_STAGING_PREFIX)}


def _staging(target: Path) -> Path:
    """Return a new folder beside the target, or inside it where the target cannot be replaced."""
    name = f"{_STAGING_PREFIX}{secrets.token_hex(8)}"
    staging = target.with_name(name)
    if target.exists() and not _replaceable(target):
        staging = target / name
    staging.mkdir()
    return staging


def _replaceable(target: Path) -> bool:
    """Return whether a folder can be replaced by another one.

    It cannot where its parent is read-only, another file system is mounted on it, or it is the
    working folder.
    """
    working = os.path.samefile(target, os.getcwd())
    return os.access(target.parent, os.W_OK) and not os.path.ismount(target) and not working


def _publish(staging: Path, target: Path, own: Collection[str]) -> None:
    """Move everything to the target, in one step where nothing else is in it."""
    names = set(os.listdir(staging))
    there = _entries(target) if target.exists() else set()
    if staging.parent == target.parent and there <= names | set(own):
        if target.exists():
            shutil.copymode(target, staging)
        if target.exists() and os.listdir(target):
            swap_folders(staging, target)
        else:
            staging.rename(target)
        return
    _move_all(staging, target)
    for name in (set(own) - names) & there:
        (target / name).unlink()


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
def _naming_errors(path: str | Path) -> Iterator[None]:
    """Raise errors of the file system as an `OutputError` that names `path`."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{path}: cannot be written ({reason})") from error
