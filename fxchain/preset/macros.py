"""Macros of a preset: knobs that each move several controls along curves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from fxchain.errors import PresetError
from fxchain.player.macros import moved, settings_of
from fxchain.preset.effects import effects_of
from fxchain.preset.nodes import MacroNode, Refuse, validate
from fxchain.stage import Slot, Stage

Curve = Literal["linear", "log", "spline"]


@dataclass(frozen=True)
class Move:
    """How a macro moves one control.

    Attributes:
        stage: id of the effect, or of the mix of a weight
        parameter: name of the control; `weight` of a branch
        positions: of the macro, ascending, two or more
        values: of the control there, physical
        curve: `linear`: straight lines between the points; `log`: equal ratios between them;
            `spline`: a monotone spline (PCHIP) on the scale of the control
        branch: number of the branch that a weight belongs to, counted from 0
    """

    stage: str
    parameter: str
    positions: tuple[float, ...]
    values: tuple[float, ...]
    curve: Curve = "spline"
    branch: int | None = None


@dataclass(frozen=True)
class Macro:
    """A knob that moves controls of a chain.

    The values of a preset belong to the positions `value` of its macros. Where a macro is turned,
    each control changes as its curve does; changes by several macros add up on its scale.

    Attributes:
        name: letters, digits and `_`, a letter first
        low: least value
        high: highest value
        value: where it stands
        moves: what it moves
        unit: of its values, for people
    """

    name: str
    low: float
    high: float
    value: float
    moves: tuple[Move, ...]
    unit: str = ""


def checked_macros(
    macros: Sequence[Macro], stage: Stage, values: np.ndarray, refuse: Refuse
) -> tuple[Macro, ...]:
    """Return the macros of a preset.

    Args:
        macros: to be checked
        stage: the structure, with ids
        values: (stage.size,), physical
        refuse: makes the error out of one sentence

    Raises:
        what `refuse` returns: a name stands twice, a range is empty or does not hold the value, or
        a move names no control, a control that cannot be moved, or points that are no curve.
    """
    fixed = {each.path for each in effects_of(stage, values) if each.effect.primitive.hosted}
    numbers = move_indices(stage)
    slots = stage.slots()
    names = [macro.name for macro in macros]
    for macro in macros:
        label = f"macro {macro.name}"
        if names.count(macro.name) > 1:
            raise refuse(f"{label} stands twice")
        if not macro.low <= macro.value <= macro.high or not macro.low < macro.high:
            raise refuse(
                f"{label}: its value {macro.value:g} is not in its range "
                f"[{macro.low:g}, {macro.high:g}], or that is empty"
            )
        keys = [_key(move) for move in macro.moves]
        for move, key in zip(macro.moves, keys, strict=True):
            if key not in numbers:
                raise refuse(f"{label}: there is no {_named(move)}")
            if keys.count(key) > 1:
                raise refuse(f"{label}: it moves {_named(move)} twice")
            slot = slots[numbers[key]]
            if slot.path in fixed or slot.spec.choices:
                raise refuse(f"{label}: {_named(move)} cannot be moved")
            _check_curve(move, slot, f"{label}: {_named(move)}", refuse)
    return tuple(_plain(macro) for macro in macros)


def with_settings(
    stage: Stage, values: np.ndarray, macros: Sequence[Macro], given: Mapping[str, Any]
) -> tuple[np.ndarray, tuple[Macro, ...]]:
    """Return the values of a chain and its macros where some of them are turned.

    Args:
        stage: the structure
        values: (stage.size,) physical values
        macros: of the preset
        given: their new positions by name; the others stay

    Raises:
        ValueError: a name or a value that there is not.
    """
    now = settings_of(
        {each.name: (each.low, each.high, each.value) for each in macros}, dict(given)
    )
    changed = np.array(values, dtype=np.float64)
    slots = stage.slots()
    for at, moves in moves_by_index(stage, macros).items():
        spec = slots[at].spec
        pulls = [(m.curve, m.positions, m.values, each.value, now[each.name]) for each, m in moves]
        changed[at] = moved(changed[at], spec.low, spec.high, spec.scale == "log", pulls)
    return changed, tuple(replace(each, value=now[each.name]) for each in macros)


def moves_by_index(stage: Stage, macros: Sequence[Macro]) -> dict[int, list[tuple[Macro, Move]]]:
    """Return what moves each value of a chain, by its index; of those that are moved."""
    numbers = move_indices(stage)
    found: dict[int, list[tuple[Macro, Move]]] = {}
    for macro in macros:
        for move in macro.moves:
            found.setdefault(numbers[_key(move)], []).append((macro, move))
    return found


def move_indices(stage: Stage) -> dict[tuple[str, str, int | None], int]:
    """Return the index of each value of a chain by stage, parameter and branch."""
    found: dict[tuple[str, str, int | None], int] = {}
    counts: dict[str, int] = {}
    for at, slot in enumerate(stage.slots()):
        branch = None
        if slot.kind == "mix":
            branch = counts.get(slot.stage_id, 0)
            counts[slot.stage_id] = branch + 1
        found[slot.stage_id, slot.spec.name, branch] = at
    return found


def read_macros(nodes: Sequence[Any], name: str) -> tuple[Macro, ...]:
    """Return the macros in a preset's JSON; `checked_macros` checks them.

    Raises:
        PresetError: a field is missing, unknown, or of another type.
    """

    def refuse(sentence: str) -> PresetError:
        return PresetError(f"{name}: {sentence}")

    found = []
    for at, node in enumerate(nodes):
        read = validate(MacroNode, node, refuse, within=f"macros.{at}")
        moves = tuple(
            Move(
                move.stage,
                move.parameter,
                tuple(move.positions),
                tuple(move.values),
                move.curve,
                move.branch,
            )
            for move in read.moves
        )
        found.append(Macro(read.name, read.low, read.high, read.value, moves, read.unit))
    return tuple(found)


def macro_nodes(macros: Sequence[Macro]) -> list[dict[str, Any]]:
    """Return macros as a preset's JSON has them."""
    return [
        {
            "name": macro.name,
            "unit": macro.unit,
            "low": macro.low,
            "high": macro.high,
            "value": macro.value,
            "moves": [_move_node(move) for move in macro.moves],
        }
        for macro in macros
    ]


def _plain(macro: Macro) -> Macro:
    """Return a macro whose numbers are floats of Python."""
    moves = tuple(
        replace(m, positions=tuple(map(float, m.positions)), values=tuple(map(float, m.values)))
        for m in macro.moves
    )
    low, high, value = map(float, (macro.low, macro.high, macro.value))
    return replace(macro, low=low, high=high, value=value, moves=moves)


def _move_node(move: Move) -> dict[str, Any]:
    branch = {} if move.branch is None else {"branch": move.branch}
    return {
        "stage": move.stage,
        "parameter": move.parameter,
        **branch,
        "curve": move.curve,
        "positions": list(move.positions),
        "values": list(move.values),
    }


def _check_curve(move: Move, slot: Slot, label: str, refuse: Refuse) -> None:
    positions, spec = move.positions, slot.spec
    if len(positions) < 2 or len(positions) != len(move.values):
        raise refuse(f"{label}: as many positions as values are needed, two or more")
    ascending = all(a < b for a, b in pairwise(positions))
    if not ascending or not all(map(math.isfinite, positions)):
        raise refuse(f"{label}: positions must ascend")
    for value in move.values:
        if not spec.low <= value <= spec.high:
            raise refuse(f"{label}: {value:g} is outside [{spec.low:g}, {spec.high:g}]")
    if move.curve == "log" and min(move.values) <= 0.0:
        raise refuse(f"{label}: a log curve needs values above 0")


def _key(move: Move) -> tuple[str, str, int | None]:
    return move.stage, move.parameter, move.branch


def _named(move: Move) -> str:
    branch = "" if move.branch is None else f" of branch {move.branch}"
    return f"{move.parameter}{branch} at stage {move.stage}"
