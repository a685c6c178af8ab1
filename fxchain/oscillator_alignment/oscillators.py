"""Which values of a chain belong to one recording: rates and phases of its oscillators."""

from dataclasses import dataclass

import numpy as np

from fxchain.primitives.oscillator_controls import PHASE, RATE
from fxchain.stage import Effect, Stage, stages_by_path


@dataclass(frozen=True)
class Oscillator:
    """An oscillator of an effect that moves by itself.

    Attributes:
        path: where it stands
        kind: of the effect
        phase: place of its phase, °, among the values of the chain
        rate: place of its rate, Hz; None: the effect has a carrier that belongs to the device
    """

    path: str
    kind: str
    phase: int
    rate: int | None

    @property
    def places(self) -> tuple[int, ...]:
        """Return the places of all that belongs to the recording."""
        return (self.phase,) if self.rate is None else (self.rate, self.phase)


@dataclass(frozen=True)
class Heard:
    """What an effect does in a recording.

    Attributes:
        path: where it stands
        kind: of the effect
        rate_hz: None where it has none that belongs to the recording
        phase_degrees: at the first sample of the dry recording
    """

    path: str
    kind: str
    rate_hz: float | None
    phase_degrees: float


def heard(oscillator: Oscillator, values: np.ndarray) -> Heard:
    """Return what the values (size,) of a chain say of an oscillator."""
    rate = None if oscillator.rate is None else float(values[oscillator.rate])
    phase = float(values[oscillator.phase]) % 360.0
    return Heard(oscillator.path, oscillator.kind, rate, phase)


def oscillators(stage: Stage) -> tuple[Oscillator, ...]:
    """Return the oscillators of a chain, in the order of its values.

    An effect that has a phase may have several: each control whose name ends as that of the phase
    is one, and its rate has the same beginning.
    """
    stages = dict(stages_by_path(stage))
    named: dict[str, dict[str, int]] = {}
    for place, slot in enumerate(stage.slots()):
        effect = stages.get(slot.path)
        if isinstance(effect, Effect) and effect.primitive.phase is not None:
            named.setdefault(slot.path, {})[slot.spec.name] = place
    return tuple(
        Oscillator(path, stage.slots()[place].kind, place, places.get(_rate_of(name)))
        for path, places in named.items()
        for name, place in places.items()
        if name.endswith(PHASE.name)
    )


def _rate_of(phase: str) -> str:
    """Return the name of the rate beside a phase."""
    return phase.removesuffix(PHASE.name) + RATE.name
