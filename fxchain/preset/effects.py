"""All effects of a stage, one after another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fxchain.stage import Effect, Stage, stage_label


class Placed(NamedTuple):
    """An effect, its values and where it stands."""

    effect: Effect
    values: np.ndarray
    path: str

    @property
    def label(self) -> str:
        """Return how messages name it."""
        return stage_label(self.path, self.effect.primitive.kind)


class _Lister:
    def effect(self, effect: Effect, values: np.ndarray, path: str) -> list[Placed]:
        return [Placed(effect, values, path)]

    def chain(self, stages: Sequence[list[Placed]], path: str) -> list[Placed]:
        return [placed for stage in stages for placed in stage]

    def mix(self, branches: Sequence[tuple[float, list[Placed]]], path: str) -> list[Placed]:
        return [placed for _, branch in branches for placed in branch]

    def channels(self, branches: Sequence[list[Placed]], path: str) -> list[Placed]:
        return [placed for branch in branches for placed in branch]


def effects_of(stage: Stage, values: np.ndarray) -> list[Placed]:
    """Return the effects in signal order."""
    return stage.visit(_Lister(), values)
