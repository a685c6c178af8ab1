"""The interface of a stage: one effect, a chain or a mix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from fxchain.player import Playback
from fxchain.stage.slot import Slot
from fxchain.stage.visitor import Result, StageVisitor

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor

    from fxchain.stage.linear import Linear


class Stage(Protocol):
    """One effect, stages in series, or stages in parallel.

    Values are the physical values of all controls below, in the order of `slots()`.
    """

    @property
    def size(self) -> int:
        """Return the number of values."""
        ...

    @property
    def hides_gradients(self) -> bool:
        """Tell whether autograd does not pass through some of it to what precedes it."""
        ...

    @property
    def hides_jacobian(self) -> bool:
        """Tell whether no derivative of what precedes it passes through some of it."""
        ...

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return what each value is."""
        ...

    def process(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        """Play (batch, channels, time) with (batch, size) values, differentiably."""
        ...

    def linear(self, like: Tensor, playback: Playback, values: Tensor) -> Linear | None:
        """Return the stage as a linear filter, or None if it is none.

        Args:
            like: audio whose channels, length and precision the filter is made for
            playback: sample rate and position of the audio
            values: (batch, size)
        """
        ...

    def linearize(
        self,
        audio: Tensor,
        tangents: Tensor,
        playback: Playback,
        values: Tensor,
        active: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        """Play and differentiate forwards.

        Args:
            audio: (channels, time)
            tangents: (directions, channels, time), derivative of the audio along each direction;
                they may lie on a GPU while the audio does not
            playback: sample rate and position of the audio
            values: (size,)
            active: (size,), which values are further directions

        Returns:
            the output (channels, time), and its derivatives along the given directions, then along
            the active values: (directions + active, channels, time), where the tangents lie
        """
        ...

    def plugin(self, playback: Playback, values: np.ndarray, path: str = "") -> pedalboard.Plugin:
        """Return the pedalboard plugin that sounds the same.

        Raises:
            ExportError: naming the stage that pedalboard cannot play.
        """
        ...

    def visit(self, visitor: StageVisitor[Result], values: np.ndarray, path: str = "") -> Result:
        """Return what a visitor makes of the stage with these values (size,)."""
        ...
