"""Chains with some or all settings open, for a match to find."""

from pathlib import Path
from typing import Any

import numpy as np

from fxchain.errors import PresetError
from fxchain.preset.migrations import migrate, with_assets
from fxchain.preset.reading import StageReader
from fxchain.preset.strict_json import parse, read_text
from fxchain.stage import Stage


def load_chain(path: str | Path) -> tuple[Stage, np.ndarray, np.ndarray]:
    """Read a chain from a file, as `parse_chain` does.

    Raises:
        PresetError: naming file, stage and parameter.
    """
    node = parse(read_text(path), str(path))
    return parse_chain(node, str(path), Path(path).parent)


def parse_chain(
    node: Any, name: str, folder: str | Path | None = None
) -> tuple[Stage, np.ndarray, np.ndarray]:
    """Return a chain whose settings may be left out.

    Args:
        node: parsed JSON: the `stage` of a preset with parameters, weights, versions and hashes
            optional; or a whole preset
        name: what messages call it
        folder: where the files lie that it refers to

    Returns:
        the structure; its physical values (size,), defaults where none were given; and which
        were not given (size,) bool: these are free

    Raises:
        PresetError: naming file, stage and parameter.
    """
    if isinstance(node, dict) and "format" in node:
        document = migrate(node, name)
        if "stage" not in document:
            raise PresetError(f"{name}: stage is missing")
        node = document["stage"]
    else:
        node = with_assets(node)
    reader = StageReader(name, None if folder is None else Path(folder), complete=False)
    settled = reader.read(node)
    return settled.stage, settled.values, settled.free
