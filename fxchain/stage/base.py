"""What every stage offers, whether it is one effect, a chain or a mix."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pedalboard
from torch import Tensor

from fxchain.parameter import ParameterSpec
from fxchain.stage.linear import Linear
from fxchain.stage.visitor import Result, StageVisitor

#: The weight of a branch in a mix: signed, and large enough to undo a loud branch.
WEIGHT = ParameterSpec("weight", "", -8.0, 8.0, 1.0)


@dataclass(frozen=True)
class Slot:
    """The place of one control in a stage's vector of values.

    Attributes:
        path: where it stands, as in `chain[2]` or `chain[1].mix[0]`
        kind: the effect it belongs to, or `mix` for a weight
        spec: its range and unit
        visible: its slope can be known (autograd, or differences of an impulse response);
            otherwise only a search can move it
        audible_to_autograd: autograd can see it
        affine: the stage's output is a straight line in it
    """

    path: str
    kind: str
    spec: ParameterSpec
    has_jacobian: bool
    autograd_sees: bool
    affine: bool = False

    @property
    def name(self) -> str:
        """Return `kind.parameter`, as it is written on the command line."""
        return f"{self.kind}.{self.spec.name}"


class Stage(Protocol):
    """One effect, stages in series, or stages in parallel.

    Values are the physical values of all controls below, in the order of `slots()`.
    """

    @property
    def size(self) -> int:
        """Return the number of values."""
        ...

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return what each value is."""
        ...

    def process(self, audio: Tensor, sample_rate: float, values: Tensor) -> Tensor:
        """Play (batch, channels, time) with (batch, size) values, differentiably."""
        ...

    def linear(self, like: Tensor, sample_rate: float, values: Tensor) -> Linear | None:
        """Return the stage as a linear filter, or None if it is none.

        Args:
            like: audio whose channels, length and precision the filter is made for
            sample_rate: Hz
            values: (batch, size)
        """
        ...

    def linearize(
        self,
        audio: Tensor,
        tangents: Tensor,
        sample_rate: float,
        values: Tensor,
        active: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        """Play and differentiate forwards.

        Args:
            audio: (channels, time)
            tangents: (directions, channels, time), how the audio moves along each direction; they
                may lie on a GPU while the audio does not
            sample_rate: Hz
            values: (size,)
            active: (size,), which values are further directions

        Returns:
            the output (channels, time), and how it moves along the given directions, then along
            the active values: (directions + active, channels, time), where the tangents lie
        """
        ...

    def plugin(self, sample_rate: float, values: np.ndarray, path: str = "") -> pedalboard.Plugin:
        """Return the pedalboard plugin that sounds the same.

        Raises:
            ExportError: naming the stage that pedalboard cannot play.
        """
        ...

    def visit(self, visitor: StageVisitor[Result], values: np.ndarray, path: str = "") -> Result:
        """Return what a visitor makes of the stage with these values (size,)."""
        ...
