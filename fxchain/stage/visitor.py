"""What reads a stage from the outside: writers, exporters, tables."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from fxchain.errors import PresetError
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

    def channels(self, branches: Sequence[Result], path: str) -> Result:
        """Return what becomes of stages of which each plays a channel of its own."""
        ...


class OneChain(Generic[Result]):
    """A visitor of what is searched, in which all channels go through one chain."""

    def channels(self, branches: Sequence[Result], path: str) -> Result:
        """Refuse chains of single channels.

        Raises:
            PresetError: always.
        """
        raise PresetError(
            "each channel of this preset goes through a chain of its own; one for all is needed"
        )
