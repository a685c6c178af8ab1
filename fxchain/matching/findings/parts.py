"""The parts of a chain that findings are about: its boxes, with names."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from fxchain.stage import Stage
from fxchain.structure.boxes import Box, boxes, flattened

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True)
class ChainPart:
    """A box that is no mix, or a clean branch of a mix.

    Attributes:
        name: such as `equalizer` or `second distortion`
        paths: of its effects, or of the branch
        linear: it is a linear, time-invariant filter
        level: it only changes the level
    """

    name: str
    paths: tuple[str, ...]
    linear: bool = False
    level: bool = False


def parts_of(stage: Stage, values: np.ndarray) -> list[ChainPart]:
    """Return the parts of a chain in signal order.

    Args:
        stage: the chain
        values: (size,), physical
    """
    found: list[ChainPart] = []
    for box in flattened(boxes(stage, values)):
        if box.effects:
            found.append(_of_box(box))
        found += [
            ChainPart("clean branch", (branch.path,), linear=True)
            for branch in box.branches
            if not branch.boxes
        ]
    return _named(found)


def _of_box(box: Box) -> ChainPart:
    primitives = [placed.effect.primitive for placed in box.effects]
    return ChainPart(
        box.kind.replace("_", " "),
        tuple(placed.path for placed in box.effects),
        linear=all(primitive.nature == "filter" for primitive in primitives),
        level=all(primitive.purpose == "level" for primitive in primitives),
    )


def _named(parts: list[ChainPart]) -> list[ChainPart]:
    """Return parts with ordinal numbers where a name comes more than once."""
    often = Counter(part.name for part in parts)
    seen: Counter[str] = Counter()
    named = []
    for part in parts:
        name = part.name
        if often[name] > 1:
            number = seen[name]
            seen[name] += 1
            name = f"{_ORDINALS[number]} {name}" if number < len(_ORDINALS) else name
        named.append(ChainPart(name, part.paths, part.linear, part.level))
    return named
