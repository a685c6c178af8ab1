"""Files of patches, whichever kind they are."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from fxchain.preset.strict_json import parse, read_text

if TYPE_CHECKING:
    from fxchain.synth.drum.patch import DrumPatch
    from fxchain.synth.patch import Patch

#: What a `patch.json` holds.
AnyPatch: TypeAlias = "Patch | DrumPatch"
#: `Patch.FORMAT` and `DrumPatch.FORMAT`, known without loading them.
_VOICE, _DRUM = "fxchain-patch", "fxchain-drum"


def is_patch(path: str | Path) -> bool:
    """Tell whether a file says that it is a patch.

    Raises:
        PresetError: it cannot be read, or is no JSON.
    """
    document: Any = parse(read_text(Path(path)), str(path))
    return isinstance(document, dict) and document.get("format") in (_VOICE, _DRUM)


def load_patch(path: str | Path) -> AnyPatch:
    """Return the voice or the drum of a `patch.json`.

    Raises:
        PresetError: there is none, or it is no patch; naming file and place.
    """
    from fxchain.synth.drum.patch import DrumPatch
    from fxchain.synth.patch import Patch

    document: Any = parse(read_text(Path(path)), str(path))
    if isinstance(document, dict) and document.get("format") == _DRUM:
        return DrumPatch.from_document(document, str(path))
    return Patch.from_document(document, str(path))
