"""The amount of a style as a macro of its preset."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import numpy as np

from fxchain.preset import Preset
from fxchain.preset.macros import Macro, Move, move_indices
from fxchain.stage import Stage
from fxchain.structure.equalizer_bands import level_index
from fxchain.structure.knob_vector import KnobVector
from fxchain.transferring.amount import ScaledPreset, scaled

NAME = "amount"
#: Amounts at which a gain that keeps the loudness is measured, %.
MEASURED = (25.0, 50.0, 75.0, 100.0)
#: Amounts from whose values the straight lines in the unit cube follow, %.
_LOWER, _UPPER = 25.0, 75.0
_STILL = 1e-12

Curve = tuple[tuple[float, ...], tuple[float, ...]] | None
Levelled = Callable[[ScaledPreset], ScaledPreset]


def with_amount(
    whole: Preset,
    part: ScaledPreset,
    amount: float,
    dimensions: Collection[str],
    levelled: Levelled | None,
) -> ScaledPreset:
    """Return a part of a style with its amount as a macro, 0 to 100 %.

    Every control moves on a straight line in the unit cube, as `scaled` moves it. Where a gain
    keeps the loudness, it was measured at some amounts, and a monotone spline leads through them.

    Args:
        whole: the style
        part: what is applied of it, with that gain
        amount: of the part, %
        dimensions: those that are applied
        levelled: returns a part with the gain that keeps the loudness; None: the level is part of
            the style

    Returns:
        the part with the macro; as it is where its structure is another one between 0 and 100 %:
        at 0 %, where nothing is left of it, and at 100 % with an effect that has no neutral
        setting, which stands alone there and beside the clean signal below
    """
    known = {at: _of(whole, at, dimensions, levelled) for at in _amounts(amount, levelled)}
    known[amount] = part
    known = {at: each for at, each in known.items() if _alike(each.preset, part.preset)}
    if not known.keys() >= {_LOWER, _UPPER, amount}:
        return part
    keys = {at: key for key, at in move_indices(part.preset.stage).items()}
    moves = []
    stage, values = part.preset.stage, part.preset.values
    gain = None if levelled is None else level_index(stage, values, np.ones(stage.size, dtype=bool))
    for index in range(stage.size):
        curve = _gain_line(index, known) if index == gain else _line(index, known, stage)
        if curve is not None:
            name, parameter, branch = keys[index]
            moves.append(Move(name, parameter, *curve, "spline", branch))
    macro = Macro(NAME, 0.0, 100.0, amount, tuple(moves), "%")
    return replace(part, preset=replace(part.preset, macros=(macro,)))


def _amounts(amount: float, levelled: Levelled | None) -> list[float]:
    """Return the amounts that are played besides that of the part."""
    wanted = (_LOWER, _UPPER) if levelled is None else MEASURED
    return [at for at in wanted if at != amount]


def _of(
    whole: Preset, amount: float, dimensions: Collection[str], levelled: Levelled | None
) -> ScaledPreset:
    found = scaled(whole, amount, dimensions)
    return found if levelled is None else levelled(found)


def _alike(one: Preset, other: Preset) -> bool:
    """Tell whether two presets have the same stages with the same controls."""
    first, second = ([(s.path, s.name) for s in each.stage.slots()] for each in (one, other))
    return first == second


def _line(index: int, known: Mapping[float, ScaledPreset], stage: Stage) -> Curve:
    """Return the straight line in the unit cube through the values of a control."""
    spec = stage.slots()[index].spec
    lower, upper = (
        spec.normalize(float(known[at].preset.values[index])) for at in (_LOWER, _UPPER)
    )
    slope = (upper - lower) / (_UPPER - _LOWER)
    if abs(slope) < _STILL:
        return None
    ends = np.clip([lower - slope * _LOWER, upper + slope * (100.0 - _UPPER)], 0.0, 1.0)
    values = KnobVector(stage, known[_UPPER].preset.values, np.arange(stage.size) == index)
    low, high = (float(values.values(np.array([end]))[index]) for end in ends)
    return (0.0, 100.0), (low, high)


def _gain_line(index: int, known: Mapping[float, ScaledPreset]) -> Curve:
    """Return the gain that keeps the loudness at each amount that was measured; 0 dB at 0 %."""
    amounts = tuple(sorted(known))
    gains = tuple(float(known[at].preset.values[index]) for at in amounts)
    return (0.0, *amounts), (0.0, *gains)
