"""What reads a stage from the outside: writers, exporters, tables."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from fxchain.stage.effect import EffectVisitor

Result = TypeVar("Result")


class StageVisitor(EffectVisitor[Result], Protocol[Result]):
    """Turns a stage into something else, from its effects upwards.

    `path` is where the stage stands, as in `chain[2]` or `chain[1].mix[0]`; empty at the top.
    """

    def chain(self, stages: Sequence[Result], path: str) -> Result:
        """Return what becomes of stages in series."""
        ...

    def mix(self, branches: Sequence[tuple[float, Result]], path: str) -> Result:
        """Return what becomes of (weight, branch) pairs in parallel."""
        ...
