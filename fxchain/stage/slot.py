"""The place of one control in a stage's vector of values, and how places are named."""

from dataclasses import dataclass, replace
from typing import Protocol

from fxchain.parameter import ParameterSpec
from fxchain.primitives import Purpose

#: The weight of a branch in a mix: signed, and large enough to undo a loud branch.
WEIGHT = ParameterSpec("weight", "", -8.0, 8.0, 1.0, prior_deviation=0.5)


@dataclass(frozen=True)
class Slot:
    """The place of one control in a stage's vector of values.

    Attributes:
        path: its stage, as in `chain[2]` or `chain[1].mix[0]`; for people
        kind: the effect it belongs to, or `mix` for a weight
        spec: its range and unit
        has_jacobian: the derivative of the output with respect to it can be computed (by forward
            mode, or by differences of an impulse response), so that second-order steps move it
        autograd_sees: autograd differentiates with respect to it
        purpose: what the effect is used for; `"level"` for a weight
        affine: the stage's output is an affine function of it
        quantized: it is cut to whole samples
        stage_id: of the effect, or of the mix
    """

    path: str
    kind: str
    spec: ParameterSpec
    has_jacobian: bool
    autograd_sees: bool
    purpose: Purpose = "level"
    affine: bool = False
    quantized: bool = False
    stage_id: str = ""

    def behind(self, later: "Passing") -> "Slot":
        """Return the slot with what of it can be known behind a later stage."""
        if not later.hides_gradients:
            return self
        known = self.has_jacobian and not later.hides_jacobian
        return replace(self, has_jacobian=known, autograd_sees=False, affine=False)

    @property
    def name(self) -> str:
        """Return `kind.parameter`, as it is written on the command line."""
        return f"{self.kind}.{self.spec.name}"


class Passing(Protocol):
    """What of a stage decides which derivatives pass through it."""

    @property
    def hides_gradients(self) -> bool:
        """Tell whether autograd does not pass."""
        ...

    @property
    def hides_jacobian(self) -> bool:
        """Tell whether no derivative passes at all."""
        ...


def stage_label(path: str, kind: str) -> str:
    """Return how messages name an effect: `chain[2] (gain)`."""
    return f"{path} ({kind})" if path else kind


def knob_name(path: str, parameter: str) -> str:
    """Return how one control of a chain is named: `chain[3].ratio`."""
    return f"{path}.{parameter}" if path else parameter


def below(path: str, form: str, index: int) -> str:
    """Return the path of a stage within a chain or mix: `chain[1].mix[0]`."""
    return f"{path}.{form}[{index}]" if path else f"{form}[{index}]"
