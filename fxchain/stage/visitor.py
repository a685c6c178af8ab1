"""What reads a stage from the outside: writers, exporters, tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from fxchain.stage.effect import Effect

Result = TypeVar("Result")


class StageVisitor(Protocol[Result]):
    """Turns a stage into something else, from its effects upwards.

    `path` is where the stage stands, as in `chain[2]` or `chain[1].mix[0]`; empty at the top.
    """

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Result:
        """Return what becomes of one effect with its values."""
        ...

    def chain(self, stages: Sequence[Result], path: str) -> Result:
        """Return what becomes of stages in series."""
        ...

    def mix(self, branches: Sequence[tuple[float, Result]], path: str) -> Result:
        """Return what becomes of (weight, branch) pairs in parallel."""
        ...


def stage_label(path: str, kind: str) -> str:
    """Return how messages name an effect: `chain[2] (gain)`."""
    return f"{path} ({kind})" if path else kind


def knob_name(path: str, parameter: str) -> str:
    """Return how one control of a chain is named: `chain[3].ratio`."""
    return f"{path}.{parameter}" if path else parameter
