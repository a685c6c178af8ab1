"""Where an effect does nothing: the end of every knob's way back."""

from collections.abc import Sequence

import numpy as np

from fxchain.primitives import REGISTRY
from fxchain.stage import Slot, Stage


def neutral_values(stage: Stage, values: np.ndarray) -> np.ndarray:
    """Return the values of a chain whose effects do nothing, as far as there are such.

    Gains, ratios, wet and dry levels go to where their effect says that it is neutral; frequencies
    and times stay, since nothing is heard of them then. A mix with a clean branch is that branch
    alone. What stands inside other branches stays as it is.

    Args:
        stage: the chain
        values: (size,), physical
    """
    slots = stage.slots()
    return np.array(
        [_rest(slot, float(value), slots) for slot, value in zip(slots, values, strict=True)]
    )


def _rest(slot: Slot, value: float, slots: Sequence[Slot]) -> float:
    if slot.kind == "mix":
        clean = _clean_branches(slot, slots)
        return value if not clean else float(slot.path == clean[0])
    if ".mix[" in slot.path:
        return value
    neutral = REGISTRY[slot.kind].neutral or {}
    return neutral.get(slot.spec.name, value)


def _clean_branches(slot: Slot, slots: Sequence[Slot]) -> list[str]:
    """Return the paths of the branches of a weight's mix that hold nothing."""
    mix = slot.path.rpartition(".mix[")[0]
    weights = [each for each in slots if each.kind == "mix"]
    branches = [each.path for each in weights if each.path.rpartition(".mix[")[0] == mix]
    full = [path for path in branches if any(s.path.startswith(path + ".") for s in slots)]
    direct = {s.path for s in slots if s.kind != "mix"}  # a branch that is one effect
    return [path for path in branches if path not in full and path not in direct]
