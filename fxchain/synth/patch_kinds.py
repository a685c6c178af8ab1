"""Files of patches, whichever kind they are."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fxchain.preset.strict_json import parse, read_text

if TYPE_CHECKING:
    from fxchain.synth.patch.patch_file import PatchFile

#: Where the class of a `patch.json` stands, by what the file says of itself; loaded when one is
#: read, since presets ask too.
KINDS: Mapping[str, tuple[str, str]] = {
    "fxchain-patch": ("fxchain.synth.patch", "Patch"),
    "fxchain-drum": ("fxchain.synth.drum.patch", "DrumPatch"),
    "fxchain-kit": ("fxchain.synth.drum.kit", "Kit"),
}
_VOICE = "fxchain-patch"


def is_patch(path: str | Path) -> bool:
    """Tell whether a file says that it is a patch.

    Raises:
        PresetError: it cannot be read, or is no JSON.
    """
    document: Any = parse(read_text(Path(path)), str(path))
    return _format(document) in KINDS


def load_patch(path: str | Path) -> "PatchFile":
    """Return the voice, the drum or the kit of a `patch.json`.

    Raises:
        PresetError: there is none, or it is no patch; naming file and place.
    """
    document: Any = parse(read_text(Path(path)), str(path))
    named = _format(document)
    return kind_of(named if named in KINDS else _VOICE).from_document(document, str(path))


def kind_of(file_format: str) -> "type[PatchFile]":
    """Return the class of a file that says of itself that it has a format."""
    module, name = KINDS[file_format]
    found: type[PatchFile] = getattr(importlib.import_module(module), name)
    return found


def _format(document: Any) -> str:
    """Return what a file says of itself; empty where that is no text."""
    named = document.get("format") if isinstance(document, dict) else None
    return named if isinstance(named, str) else ""
