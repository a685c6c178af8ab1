"""Strict JSON: no repeated keys, only finite numbers, limited nesting."""

import json
import math
from pathlib import Path
from typing import Any

from fxchain.errors import PresetError

LARGEST_FILE_BYTES = 64 * 2**20
_MOST_DIGITS = 20


def read_text(path: str | Path) -> str:
    """Return the text of a preset's file.

    Raises:
        PresetError: missing, a folder, unreadable, too large, or not UTF-8.
    """
    place = Path(path)
    try:
        if not place.exists():
            raise PresetError(f"{path}: there is no such file; check the name")
        if not place.is_file():
            raise PresetError(f"{path}: this is not a file; give the name of a preset")
        with place.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
        if len(content) > LARGEST_FILE_BYTES:
            raise PresetError(f"{path}: larger than {LARGEST_FILE_BYTES >> 20} MiB; no preset is")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PresetError(f"{path}: not a preset (the file is not UTF-8 text)") from error
    except (OSError, ValueError) as error:
        if isinstance(error, PresetError):
            raise
        raise PresetError(f"{path}: cannot be read ({error})") from error


def parse(text: str, name: str) -> Any:
    """Return what the text says.

    Args:
        text: JSON
        name: what messages call the file

    Raises:
        PresetError: not JSON, or JSON that says one thing twice, holds a number that is not
            finite, or is nested too deeply.
    """

    def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise PresetError(f"{name}: {key!r} stands twice in one place; remove one")
            found[key] = value
        return found

    def finite(literal: str) -> float:
        value = float(literal)
        if not math.isfinite(value):
            raise PresetError(f"{name}: the number {literal[:_MOST_DIGITS]} is not finite")
        return value

    def moderate(literal: str) -> int:
        if len(literal) > _MOST_DIGITS:
            raise PresetError(f"{name}: the number {literal[:_MOST_DIGITS]}… is too large")
        return int(literal)

    try:
        return json.loads(
            text,
            object_pairs_hook=without_doubles,
            parse_constant=finite,
            parse_float=finite,
            parse_int=moderate,
        )
    except json.JSONDecodeError as error:
        raise PresetError(
            f"{name}: not a preset (line {error.lineno}, column {error.colno}: {error.msg})"
        ) from error
    except RecursionError as error:
        raise PresetError(f"{name}: nested too deeply") from error
