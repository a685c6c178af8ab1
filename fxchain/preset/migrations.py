"""Older preset files, brought up to date one version at a time."""

from collections.abc import Callable
from typing import Any

from fxchain.errors import PresetError

VERSION = 2

_DEEPEST = 100


def _assets_by_name(document: dict[str, Any]) -> dict[str, Any]:
    """Return a file of version 1 as one of version 2."""
    if "stage" not in document:
        return document  # reported with the other fields
    return {**document, "stage": with_assets(document["stage"])}


def with_assets(node: Any, depth: int = 0) -> Any:
    """Return a stage's node with the impulse responses of version 1 among its assets."""
    if depth > _DEEPEST:
        return node  # too deep for a stage; whoever reads it says so
    if isinstance(node, list):
        return [with_assets(each, depth + 1) for each in node]
    if not isinstance(node, dict):
        return node
    found = {
        key: with_assets(below, depth + 1) if key in ("chain", "mix", "channels") else below
        for key, below in node.items()
    }
    if "primitive" in found and "impulse_response" in found and "assets" not in found:
        found["assets"] = {"impulse_response": found.pop("impulse_response")}
    return found


#: For each older version, what turns its file into one of the next version.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _assets_by_name}


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
