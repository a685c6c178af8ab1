"""Stages in series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fxchain.player import Playback
from fxchain.stage.base import Stage
from fxchain.stage.slot import Slot, below
from fxchain.stage.visitor import Result, StageVisitor

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor

    from fxchain.stage.linear import Linear


@dataclass(frozen=True)
class Chain:
    """A stage of stages, each fed by the one before.

    Neighbouring linear stages are played as one filter, with one pair of FFTs at most.

    Attributes:
        stages: in signal order
        id: names it in its preset, whatever stands before it
    """

    stages: tuple[Stage, ...] = ()
    id: str = field(default="", compare=False)

    @property
    def size(self) -> int:
        """Return the number of values of all stages."""
        return sum(stage.size for stage in self.stages)

    @property
    def hides_gradients(self) -> bool:
        """Tell whether one of the stages does."""
        return any(stage.hides_gradients for stage in self.stages)

    @property
    def hides_jacobian(self) -> bool:
        """Tell whether one of the stages does."""
        return any(stage.hides_jacobian for stage in self.stages)

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return the slots of all stages in signal order.

        Those of stages before one that hides gradients have no derivative.
        """
        found: list[Slot] = []
        for index, stage in enumerate(self.stages):
            found = [slot.behind(stage) for slot in found]
            found += stage.slots(below(path, "chain", index))
        return tuple(found)

    def _spans(self) -> Iterator[tuple[Stage, slice]]:
        start = 0
        for stage in self.stages:
            yield stage, slice(start, start + stage.size)
            start += stage.size

    def process(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        """Play (batch, channels, time)."""
        run: list[Linear] = []
        for stage, span in self._spans():
            linear = stage.linear(audio, playback, values[:, span])
            if linear is not None:
                run.append(linear)
                continue
            audio = _play(audio, playback.sample_rate, run)
            run = []
            audio = stage.process(audio, playback, values[:, span])
        return _play(audio, playback.sample_rate, run)

    def linear(self, like: Tensor, playback: Playback, values: Tensor) -> Linear | None:
        """Return all stages as one filter, if each is one."""
        from fxchain.stage.linear import in_series
        from fxchain.stage.spectra import COMPLEX

        found = [stage.linear(like, playback, values[:, span]) for stage, span in self._spans()]
        known = [linear for linear in found if linear is not None]
        if len(known) < len(found):
            return None
        return in_series(known, COMPLEX[like.dtype])

    def linearize(
        self,
        audio: Tensor,
        tangents: Tensor,
        playback: Playback,
        values: Tensor,
        active: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        """Play and differentiate forwards."""
        run: list[Linear] = []
        begin = 0
        for stage, span in self._spans():
            linear = stage.linear(audio[None], playback, values[None, span])
            if linear is not None:
                run.append(linear)
                continue
            chosen = active[begin : span.start]
            audio, tangents = _linearize(audio, tangents, playback.sample_rate, run, chosen)
            run, begin = [], span.stop
            audio, tangents = stage.linearize(audio, tangents, playback, values[span], active[span])
        return _linearize(audio, tangents, playback.sample_rate, run, active[begin:])

    def plugin(self, playback: Playback, values: np.ndarray, path: str = "") -> pedalboard.Plugin:
        """Return a pedalboard Chain."""
        import pedalboard

        return pedalboard.Chain(
            [
                stage.plugin(playback, values[span], below(path, "chain", index))
                for index, (stage, span) in enumerate(self._spans())
            ]
        )

    def visit(self, visitor: StageVisitor[Result], values: np.ndarray, path: str = "") -> Result:
        """Return what a visitor makes of the chain."""
        stages = [
            stage.visit(visitor, values[span], below(path, "chain", index))
            for index, (stage, span) in enumerate(self._spans())
        ]
        return visitor.chain(stages, path)


def _play(audio: Tensor, sample_rate: float, run: list[Linear]) -> Tensor:
    from fxchain.stage.linear import apply_linear, in_series
    from fxchain.stage.spectra import COMPLEX

    joined = in_series(run, COMPLEX[audio.dtype])
    return apply_linear(audio, sample_rate, joined) if joined.parts else audio


def _linearize(
    audio: Tensor, tangents: Tensor, sample_rate: float, run: list[Linear], active: np.ndarray
) -> tuple[Tensor, Tensor]:
    from fxchain.stage.linear import in_series, linearize_linear
    from fxchain.stage.spectra import COMPLEX

    joined = in_series(run, COMPLEX[audio.dtype])
    if not joined.parts:
        return audio, tangents
    return linearize_linear(audio, tangents, sample_rate, joined, active)
