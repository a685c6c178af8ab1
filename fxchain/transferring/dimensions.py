"""What can be taken over, and which knobs do it."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from fxchain.errors import MatchError
from fxchain.primitives import REGISTRY
from fxchain.stage import Slot

DIMENSIONS = ("tone", "dynamics", "level", "width", "space", "drive")

#: What an effect is for; effects that are not named here shape the tone.
_PURPOSES = {
    "gain": "level",
    "compressor": "dynamics",
    "distortion": "drive",
    "waveshaper": "drive",
    "clipping": "drive",
    "delay": "space",
    "reverb": "space",
    "convolution": "space",
    "stereo": "width",
}


def checked_dimensions(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the dimensions in their order, each once.

    Raises:
        MatchError: one is unknown, or there is none.
    """
    asked = list(wanted)
    for name in asked:
        if name not in DIMENSIONS:
            raise MatchError(f"--match: {name!r} is none of {', '.join(DIMENSIONS)}")
    if not asked:
        raise MatchError(f"--match: name at least one of {', '.join(DIMENSIONS)}")
    return tuple(name for name in DIMENSIONS if name in asked)


def purpose(kind: str) -> str:
    """Return which dimension an effect of a kind serves."""
    return _PURPOSES.get(kind, "tone")


def slot_purposes(slots: Sequence[Slot]) -> list[str]:
    """Return which dimension each control serves; a mix serves what its first drive or room does.

    Filters inside a branch belong to the branch.
    """
    return [_slot_purpose(slot, slots) for slot in slots]


def _slot_purpose(slot: Slot, slots: Sequence[Slot]) -> str:
    mix = slot.path.rpartition(".mix[")[0]
    if not mix:
        return purpose(slot.kind)
    inside = [purpose(each.kind) for each in slots if each.path.startswith(f"{mix}.mix[")]
    strong = [each for each in inside if each in ("drive", "space")]
    return strong[0] if strong else purpose(slot.kind if slot.kind in REGISTRY else "")


def chosen(slots: Sequence[Slot], dimensions: Collection[str]) -> np.ndarray:
    """Return which controls serve any of the dimensions, (controls,) bool."""
    return np.array([each in dimensions for each in slot_purposes(slots)], dtype=bool)
