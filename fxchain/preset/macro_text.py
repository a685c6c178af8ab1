"""What a macro moves, in words."""

from collections.abc import Sequence

import numpy as np

from fxchain.preset.macros import Macro, Move, move_indices
from fxchain.stage import Slot, Stage


def macro_title(macro: Macro) -> str:
    """Return a macro with its range: `tone 5 (0 to 10)`."""
    unit = f" {macro.unit}" if macro.unit else ""
    return f"{macro.name} {macro.value:g}{unit} ({macro.low:g} to {macro.high:g})"


def macro_sentences(macro: Macro, stage: Stage, values: np.ndarray) -> list[str]:
    """Return a sentence about each control that a macro moves, in signal order.

    Args:
        macro: of a preset
        stage: the structure
        values: (stage.size,), physical
    """
    numbers = move_indices(stage)
    keyed = {numbers[m.stage, m.parameter, m.branch]: m for m in macro.moves}
    if not keyed:
        return [f"{macro.name} moves nothing"]
    return [_sentence(macro.name, at, keyed, stage, values) for at in sorted(keyed)]


def _sentence(name: str, at: int, moves: dict[int, Move], stage: Stage, values: np.ndarray) -> str:
    """Return `tone moves the gain of the high shelf filter at 1.2 kHz from -9 to +4 dB`."""
    slots = stage.slots()
    slot, unit = slots[at], slots[at].spec.unit
    signed = slot.spec.low < 0.0
    numbers = [_number(each, signed) for each in _extremes(moves[at].values)]
    turns = [each for each in numbers[1:-1] if each not in (numbers[0], numbers[-1])]
    words = " over ".join([numbers[0], *turns])
    control, kind = _control(slot), slot.kind.replace("_", " ")
    what = kind if control == kind else f"{control} of the {kind}"
    where = "" if slot.path == "" else f" ({slot.path})"
    return (
        f"{name} moves the {what}{_frequency(at, slots, moves, values)}{where} from {words} to "
        f"{numbers[-1]}{f' {unit}' if unit else ''}"
    )


def _extremes(values: Sequence[float]) -> list[float]:
    """Return the ends, and between them the points where the curve turns round."""
    turns = [
        b
        for a, b, c in zip(values, values[1:], values[2:], strict=False)
        if (b - a) * (c - b) < 0.0
    ]
    return [values[0], *turns, values[-1]]


def _control(slot: Slot) -> str:
    name = slot.spec.name
    if slot.kind == "mix":
        return "weight of a branch"
    suffix = f"_{slot.spec.unit.lower()}" if slot.spec.unit else ""
    return name.removesuffix(suffix).replace("_", " ")


def _frequency(at: int, slots: Sequence[Slot], moves: dict[int, Move], values: np.ndarray) -> str:
    """Return where a filter stands whose frequency is not moved."""
    own, slot = slots[at], None
    for number, each in enumerate(slots):
        if each.stage_id == own.stage_id and each.spec.name == "cutoff_frequency_hz":
            slot = number
    if slot is None or slot in moves:
        return ""
    hertz = float(values[slot])
    return f" at {hertz / 1000:.3g} kHz" if hertz >= 1000 else f" at {hertz:.3g} Hz"


def _number(value: float, signed: bool) -> str:
    return f"{value:+.3g}" if signed else f"{value:.3g}"
