"""A stage with a weighting behind it: the filter joins the chain's last linear run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from torch import Tensor

from fxchain.errors import ExportError
from fxchain.objectives.spectral_weighting import Weighting
from fxchain.player import Playback
from fxchain.stage import Slot
from fxchain.stage.linear import Linear, apply_linear, linearize_linear
from fxchain.stage.visitor import Result, StageVisitor


@dataclass(frozen=True)
class WeightingStage:
    """The weighting in the place of a stage; it has no values."""

    weighting: Weighting
    size: int = 0

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return nothing."""
        return ()

    def process(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        """Filter (batch, channels, time)."""
        return apply_linear(audio, playback.sample_rate, self.weighting.filter(audio.dtype))

    def linear(self, like: Tensor, playback: Playback, values: Tensor) -> Linear:
        """Return the filter."""
        return self.weighting.filter(like.dtype)

    def linearize(
        self,
        audio: Tensor,
        tangents: Tensor,
        playback: Playback,
        values: Tensor,
        active: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        """Filter (channels, time) and the tangents."""
        weighting = self.weighting.filter(audio.dtype)
        return linearize_linear(audio, tangents, playback.sample_rate, weighting, active)

    def plugin(self, playback: Playback, values: np.ndarray, path: str = "") -> NoReturn:
        """Refuse: a weighting belongs to a comparison, not to a preset."""
        raise ExportError("a weighting is not played")

    def visit(self, visitor: StageVisitor[Result], values: np.ndarray, path: str = "") -> Result:
        """Show itself as an empty chain."""
        nothing: Sequence[Result] = ()
        return visitor.chain(nothing, path)
