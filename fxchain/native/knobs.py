"""The knobs of a preset in the order of the player."""

from dataclasses import dataclass

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.stage import WEIGHT, Stage, stage_label


@dataclass(frozen=True)
class LiveKnob:
    """One control of one effect.

    Attributes:
        label: of its stage, as `chain[2] (peak_filter)`
        kind: of its effect
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


def live_knobs(stage: Stage, values: np.ndarray) -> list[LiveKnob]:
    """Return the controls of all effects; the weights of sums stay as they are in the preset.

    Args:
        stage: the structure
        values: (stage.size,) physical values
    """
    return [
        LiveKnob(stage_label(slot.path, slot.kind), slot.kind, slot.spec, float(value))
        for slot, value in zip(stage.slots(), values, strict=True)
        if slot.spec != WEIGHT
    ]
