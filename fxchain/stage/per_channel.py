"""Stages beside each other, one for each channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fxchain.errors import ExportError
from fxchain.player import Playback
from fxchain.stage.base import Stage
from fxchain.stage.slot import Slot, below
from fxchain.stage.visitor import Result, StageVisitor

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor

    from fxchain.stage.linear import Linear


@dataclass(frozen=True)
class PerChannel:
    """A stage in which each channel goes through a branch of its own, as mono.

    Channel k goes through branch k modulo the number of branches; as many channels come out as go
    in. The values are those of the branches, one after another.

    Attributes:
        branches: one for each channel
        id: names it in its preset, whatever stands before it
    """

    branches: tuple[Stage, ...]
    id: str = field(default="", compare=False)

    @property
    def size(self) -> int:
        """Return the number of the branches' values."""
        return sum(branch.size for branch in self.branches)

    @property
    def hides_gradients(self) -> bool:
        """Tell whether one of the branches does."""
        return any(branch.hides_gradients for branch in self.branches)

    @property
    def hides_jacobian(self) -> bool:
        """Tell whether one of the branches does."""
        return any(branch.hides_jacobian for branch in self.branches)

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return the slots of each branch."""
        return tuple(
            slot
            for index, branch in enumerate(self.branches)
            for slot in branch.slots(below(path, "channels", index))
        )

    def _spans(self, channels: int) -> Iterator[tuple[Stage, slice, slice]]:
        """Yield each branch that is heard, its values, and its channels."""
        start, count = 0, len(self.branches)
        for index, branch in enumerate(self.branches):
            if index < channels:
                yield branch, slice(start, start + branch.size), slice(index, None, count)
            start += branch.size

    def process(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        """Play (batch, channels, time)."""
        import torch

        output = torch.empty_like(audio)
        for branch, span, heard in self._spans(audio.shape[1]):
            output[:, heard] = branch.process(audio[:, heard], playback, values[:, span])
        return output

    def linear(self, like: Tensor, playback: Playback, values: Tensor) -> Linear | None:
        """Return None: channels with filters of their own are no filter of all channels."""
        return None

    def linearize(
        self,
        audio: Tensor,
        tangents: Tensor,
        playback: Playback,
        values: Tensor,
        active: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        """Play and differentiate forwards."""
        import torch

        incoming = len(tangents)
        output = torch.empty_like(audio)
        columns = tangents.new_zeros(incoming + int(active.sum()), *audio.shape)
        for branch, span, heard in self._spans(audio.shape[0]):
            output[heard], made = branch.linearize(
                audio[heard], tangents[:, heard], playback, values[span], active[span]
            )
            place = incoming + int(active[: span.start].sum())
            columns[:incoming, heard] = made[:incoming]
            columns[place : place + len(made) - incoming, heard] = made[incoming:]
        return output, columns

    def plugin(self, playback: Playback, values: np.ndarray, path: str = "") -> pedalboard.Plugin:
        """Refuse: pedalboard plays all channels through one chain.

        Raises:
            ExportError: always.
        """
        raise ExportError(
            f"{path or 'the chain'}: each channel goes through a chain of its own, which a "
            "Pedalboard cannot do; use board() instead, or export it as a Python script"
        )

    def visit(self, visitor: StageVisitor[Result], values: np.ndarray, path: str = "") -> Result:
        """Return what a visitor makes of the branches."""
        branches = [
            branch.visit(visitor, values[span], below(path, "channels", heard.start))
            for branch, span, heard in self._spans(len(self.branches))
        ]
        return visitor.channels(branches, path)
