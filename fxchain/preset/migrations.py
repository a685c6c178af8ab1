"""Older preset files, brought up to date one version at a time."""

from collections.abc import Callable
from typing import Any

from fxchain.errors import PresetError

VERSION = 1

#: For each older version, what turns its file into one of the next version.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def migrate(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the document as the current version writes it.

    Args:
        document: parsed JSON
        name: what messages call the file

    Raises:
        PresetError: the version is newer than this program, or never was.
    """
    version = document.get("version", VERSION)  # a missing one is reported with the other fields
    if isinstance(version, bool) or not isinstance(version, int):
        raise PresetError(f"{name}: version = {version!r} is not a whole number")
    if version > VERSION:
        raise PresetError(
            f"{name}: version {version} is newer than the version {VERSION} known here; "
            "update fxchain"
        )
    while version < VERSION:
        if version not in MIGRATIONS:
            raise PresetError(f"{name}: there is no preset version {version}")
        document = {**MIGRATIONS[version](document), "version": version + 1}
        version += 1
    return document
