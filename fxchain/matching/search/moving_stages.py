"""Stages that move by themselves, beside those that do not."""

from fxchain.preset.effects import effects_of
from fxchain.structure.candidate import Candidate


def has_movement(candidate: Candidate | None) -> bool:
    """Tell whether a chain has an effect with an oscillator."""
    if candidate is None:
        return False
    placed = effects_of(candidate.stage, candidate.values)
    return any(each.effect.primitive.phase is not None for each in placed)
