"""The knobs of a preset in the order of the player."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.native.macros import NO_MACROS, LiveMacros
from fxchain.parameter import ParameterSpec
from fxchain.stage import WEIGHT, Stage, stage_label

#: What stands in place of a stage.
MACROS = "Macros"


@dataclass(frozen=True)
class LiveKnob:
    """A macro, or one control of one effect.

    Attributes:
        label: of its stage, as `chain[2] (peak_filter)`; `MACROS` of a macro
        kind: of its effect; empty of a macro
        spec: its range, unit and scale
        value: in the preset
    """

    label: str
    kind: str
    spec: ParameterSpec
    value: float

    def __str__(self) -> str:
        unit = f" {self.spec.unit}" if self.spec.unit else ""
        low, high = self.spec.low, self.spec.high
        return f"{self.label} {self.spec.name} = {self.value:g}{unit} ({low:g} to {high:g})"


def live_knobs(
    stage: Stage,
    values: np.ndarray,
    macros: LiveMacros = NO_MACROS,
    before: Sequence[LiveKnob] = (),
) -> list[LiveKnob]:
    """Return the macros, then the controls of all effects but those that follow a macro.

    The weights of sums stay as they are in the preset, or follow a macro.

    Args:
        stage: the structure
        values: (stage.size,) physical values
        macros: knobs that move values of the chain
        before: knobs between the macros and the effects: those of an instrument
    """
    turned = [LiveKnob(MACROS, "", spec, spec.default) for spec in macros.specs]
    own = [
        LiveKnob(stage_label(slot.path, slot.kind), slot.kind, slot.spec, float(value))
        for index, (slot, value) in enumerate(zip(stage.slots(), values, strict=True))
        if slot.spec != WEIGHT and index not in macros.moves
    ]
    return [*turned, *before, *own]
