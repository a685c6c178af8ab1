"""A chain as a musician draws it: one box for each effect, bands of a run as one equalizer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from fxchain.preset.effects import Placed
from fxchain.primitives import Primitive
from fxchain.stage import Effect, Stage
from fxchain.stage.slot import below

EQUALIZER, MIX, CHANNELS = "equalizer", "mix", "channels"


@dataclass(frozen=True)
class BranchBox:
    """A branch of a mix, or what a channel goes through.

    Attributes:
        weight: of its output; 1 of a channel
        path: where it stands in the chain
        boxes: what it is made of
    """

    weight: float
    path: str
    boxes: "tuple[Box, ...]"


@dataclass(frozen=True)
class Box:
    """One effect, an equalizer, a mix, or channels with stages of their own.

    Attributes:
        kind: the effect's, `equalizer`, `mix` or `channels`
        path: where it stands in the chain; of an equalizer, its first band
        effects: the effect, or the bands of the equalizer; empty where there are branches
        branches: of a mix, or one for each channel
    """

    kind: str
    path: str
    effects: tuple[Placed, ...] = ()
    branches: tuple[BranchBox, ...] = ()


def boxes(stage: Stage, values: np.ndarray) -> tuple[Box, ...]:
    """Return the boxes of a chain in signal order.

    Args:
        stage: the chain
        values: (size,), physical
    """
    return stage.visit(_Drawing(), values)


def flattened(drawn: Iterable[Box]) -> Iterator[Box]:
    """Yield boxes in signal order, a mix before what lies in its branches."""
    for box in drawn:
        yield box
        for branch in box.branches:
            yield from flattened(branch.boxes)


def is_band(primitive: Primitive) -> bool:
    """Tell whether an effect is a band of an equalizer: a filter that its gain can make flat."""
    return primitive.purpose == "tone" and primitive.neutral is not None


class _Drawing:
    """A visitor that draws boxes."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> tuple[Box, ...]:
        """Return the box of an effect; a band is an equalizer of one."""
        kind = EQUALIZER if is_band(effect.primitive) else effect.primitive.kind
        return (Box(kind, path, (Placed(effect, values, path),)),)

    def chain(self, stages: Sequence[tuple[Box, ...]], path: str) -> tuple[Box, ...]:
        """Return the boxes of all stages, neighbouring bands as one."""
        joined: list[Box] = []
        for kind, run in groupby((box for drawn in stages for box in drawn), lambda box: box.kind):
            row = list(run)
            if kind == EQUALIZER:
                bands = tuple(band for box in row for band in box.effects)
                row = [Box(kind, row[0].path, bands)]
            joined += row
        return tuple(joined)

    def mix(self, branches: Sequence[tuple[float, tuple[Box, ...]]], path: str) -> tuple[Box, ...]:
        """Return one box with branches."""
        parts = (
            BranchBox(weight, below(path, "mix", index), drawn)
            for index, (weight, drawn) in enumerate(branches)
        )
        return (Box(MIX, path, branches=tuple(parts)),)

    def channels(self, branches: Sequence[tuple[Box, ...]], path: str) -> tuple[Box, ...]:
        """Return one box with a branch for each channel."""
        parts = (
            BranchBox(1.0, below(path, "channels", index), drawn)
            for index, drawn in enumerate(branches)
        )
        return (Box(CHANNELS, path, branches=tuple(parts)),)
