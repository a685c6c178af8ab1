"""A stage that plays nothing, but knows how the output would move if something were inserted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pedalboard
import torch
from torch import Tensor

from fxchain.errors import ExportError
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.stage.linear import Linear
from fxchain.stage.slot import Slot
from fxchain.stage.visitor import Result, StageVisitor

#: How much of a perturbation is added; only its derivative at 0 matters.
STRENGTH = ParameterSpec("strength", "", -0.5, 0.5, 0.0)


@dataclass(frozen=True, eq=False)
class Perturbations:
    """Passes its input on; each of its values is the strength of a signal that could be added.

    Attributes:
        size: how many signals there are
        signals: (audio of shape (channels, time), playback) -> (size, channels, time), made of the
            audio at this place
    """

    size: int
    signals: Callable[[Tensor, Playback], Tensor]
    hides_gradients: bool = False
    hides_jacobian: bool = False

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return one slot for each strength."""
        slot = Slot(path, "perturbation", STRENGTH, has_jacobian=True, autograd_sees=False)
        return (slot,) * self.size

    def process(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        """Return the audio."""
        return audio

    def linear(self, like: Tensor, playback: Playback, values: Tensor) -> Linear | None:
        """Return None: it stands between filters."""
        return None

    def linearize(
        self,
        audio: Tensor,
        tangents: Tensor,
        playback: Playback,
        values: Tensor,
        active: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        """Return the audio, and the given tangents with those of the active strengths."""
        if not active.any():
            return audio, tangents
        own = self.signals(audio, playback)[torch.from_numpy(np.flatnonzero(active))]
        return audio, torch.cat([tangents, own.to(tangents)])

    def plugin(self, playback: Playback, values: np.ndarray, path: str = "") -> pedalboard.Plugin:
        """Refuse: nothing is played.

        Raises:
            ExportError: always.
        """
        raise ExportError("perturbations of a chain are not played")

    def visit(self, visitor: StageVisitor[Result], values: np.ndarray, path: str = "") -> Result:
        """Refuse: it is no part of a chain.

        Raises:
            ExportError: always.
        """
        raise ExportError("perturbations of a chain are no part of it")
