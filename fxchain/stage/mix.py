"""Stages in parallel: the weighted sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fxchain.player import Playback
from fxchain.stage.base import Stage
from fxchain.stage.slot import WEIGHT, Slot, below
from fxchain.stage.visitor import Result, StageVisitor

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor

    from fxchain.stage.linear import Linear


@dataclass(frozen=True)
class Mix:
    """A stage of branches with the same input; their weighted outputs are added.

    The values are the first branch's weight, that branch's values, the second's weight …

    Attributes:
        branches: the stages side by side
        id: names it in its preset, whatever stands before it
    """

    branches: tuple[Stage, ...]
    id: str = field(default="", compare=False)

    @property
    def size(self) -> int:
        """Return the number of weights and of the branches' values."""
        return len(self.branches) + sum(branch.size for branch in self.branches)

    @property
    def hides_gradients(self) -> bool:
        """Tell whether one of the branches does."""
        return any(branch.hides_gradients for branch in self.branches)

    @property
    def hides_jacobian(self) -> bool:
        """Tell whether one of the branches does."""
        return any(branch.hides_jacobian for branch in self.branches)

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return the weight and the slots of each branch."""
        found: list[Slot] = []
        for index, branch in enumerate(self.branches):
            branch_path = below(path, "mix", index)
            found.append(
                Slot(
                    branch_path,
                    "mix",
                    WEIGHT,
                    has_jacobian=True,
                    autograd_sees=True,
                    affine=True,
                    stage_id=self.id,
                )
            )
            found += branch.slots(branch_path)
        return tuple(found)

    def _spans(self) -> Iterator[tuple[Stage, int, slice]]:
        start = 0
        for branch in self.branches:
            yield branch, start, slice(start + 1, start + 1 + branch.size)
            start += 1 + branch.size

    def process(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        """Play (batch, channels, time)."""
        import torch

        from fxchain.stage.weights import played_weights

        total = torch.zeros_like(audio)
        for branch, at, span in self._spans():
            amount = played_weights(values[:, at, None, None], audio.dtype)
            total = total + amount * branch.process(audio, playback, values[:, span])
        return total

    def linear(self, like: Tensor, playback: Playback, values: Tensor) -> Linear | None:
        """Return the sum as one filter, if each branch is one."""
        from fxchain.stage.linear import Linear
        from fxchain.stage.spectra import COMPLEX
        from fxchain.stage.weighted_sum import Sum
        from fxchain.stage.weights import played_weights

        spans = list(self._spans())
        found = [branch.linear(like, playback, values[:, span]) for branch, _, span in spans]
        known = tuple(linear for linear in found if linear is not None)
        if len(known) < len(found):
            return None
        weights = played_weights(values[:, [at for _, at, _ in spans]], like.dtype)
        return Linear((Sum(known, weights),), COMPLEX[like.dtype])

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

        from fxchain.stage.weights import played_weights

        incoming = len(tangents)
        total = torch.zeros_like(audio)
        columns = tangents.new_empty(incoming + int(active.sum()), *audio.shape)
        moved, place = columns[:incoming].zero_(), incoming
        for branch, at, span in self._spans():
            output, made = branch.linearize(audio, tangents, playback, values[span], active[span])
            amount = played_weights(values[at], audio.dtype)
            total = total + amount * output
            moved.add_(made[:incoming], alpha=float(amount))
            if active[at]:
                columns[place] = output.to(columns.device)
                place += 1
            own = columns[place : place + len(made) - incoming]
            torch.mul(made[incoming:], amount, out=own)
            place += len(own)
        return total, columns

    def plugin(self, playback: Playback, values: np.ndarray, path: str = "") -> pedalboard.Plugin:
        """Return a pedalboard Mix; a weight is a Gain, and an Invert when it is negative."""
        import pedalboard

        from fxchain.player.weights import weight

        return pedalboard.Mix(
            [
                pedalboard.Chain(
                    [
                        branch.plugin(playback, values[span], below(path, "mix", index)),
                        *weight(float(values[at])),
                    ]
                )
                for index, (branch, at, span) in enumerate(self._spans())
            ]
        )

    def visit(self, visitor: StageVisitor[Result], values: np.ndarray, path: str = "") -> Result:
        """Return what a visitor makes of the mix."""
        branches = [
            (float(values[at]), branch.visit(visitor, values[span], below(path, "mix", index)))
            for index, (branch, at, span) in enumerate(self._spans())
        ]
        return visitor.mix(branches, path)
