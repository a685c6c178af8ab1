"""Files of patches, whichever kind they are."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from fxchain.preset.strict_json import parse, read_text
<<<<<<< HEAD

if TYPE_CHECKING:
    from fxchain.synth.drum.patch import DrumPatch
    from fxchain.synth.patch import Patch

#: What a `patch.json` holds.
AnyPatch: TypeAlias = "Patch | DrumPatch"
#: `Patch.FORMAT` and `DrumPatch.FORMAT`, known without loading them.
_VOICE, _DRUM = "fxchain-patch", "fxchain-drum"
=======
from fxchain.synth.drum.kit import Kit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.patch import Patch
from fxchain.synth.patch.patch_file import PatchFile

#: What a `patch.json` holds, by what it says of itself.
KINDS: dict[str, type[PatchFile]] = {kind.FORMAT: kind for kind in (Patch, DrumPatch, Kit)}
>>>>>>> wip-synth


def is_patch(path: str | Path) -> bool:
    """Tell whether a file says that it is a patch.

    Raises:
        PresetError: it cannot be read, or is no JSON.
    """
    document: Any = parse(read_text(Path(path)), str(path))
<<<<<<< HEAD
    return isinstance(document, dict) and document.get("format") in (_VOICE, _DRUM)
=======
    return isinstance(document, dict) and document.get("format") in KINDS
>>>>>>> wip-synth


def load_patch(path: str | Path) -> PatchFile:
    """Return the voice, the drum or the kit of a `patch.json`.

    Raises:
        PresetError: there is none, or it is no patch; naming file and place.
    """
    from fxchain.synth.drum.patch import DrumPatch
    from fxchain.synth.patch import Patch

    document: Any = parse(read_text(Path(path)), str(path))
<<<<<<< HEAD
    if isinstance(document, dict) and document.get("format") == _DRUM:
        return DrumPatch.from_document(document, str(path))
    return Patch.from_document(document, str(path))
=======
    named = document.get("format") if isinstance(document, dict) else None
    kind = KINDS.get(named, Patch) if isinstance(named, str) else Patch
    return kind.from_document(document, str(path))
>>>>>>> wip-synth
