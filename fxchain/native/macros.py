"""Macros of a preset as data of the player: curves by their points and slopes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fxchain.native.numbers import real_data, text_data, whole_data
from fxchain.parameter import ParameterSpec
from fxchain.player.macros import MacroMove, curve_value, spline_tangents
from fxchain.stage import Slot


@dataclass(frozen=True)
class LiveMacros:
    """Knobs that each move several values of a chain along curves.

    Attributes:
        specs: range and unit of each; its default is where it stands
        moves: of each value that follows, by its index in the chain: the number of the macro, and
            how it moves the value
    """

    specs: tuple[ParameterSpec, ...] = ()
    moves: Mapping[int, Sequence[tuple[int, MacroMove]]] = field(default_factory=dict)


NO_MACROS = LiveMacros()


def macro_data(macros: LiveMacros, slots: Sequence[Slot], values: np.ndarray) -> bytes:
    """Return macros as the player reads them behind the stages; nothing where there are none.

    Args:
        macros: of the preset
        slots: of the chain
        values: (len(slots),) physical values, those of the macros as they stand
    """
    if not macros.specs:
        return b""
    knobs = b"".join(
        text_data(spec.name) + text_data(spec.unit) + real_data(spec.low, spec.high, spec.default)
        for spec in macros.specs
    )
    followers = b"".join(
        _follower(index, slots[index].spec, float(values[index]), moves)
        for index, moves in macros.moves.items()
    )
    counts = len(macros.specs), len(macros.moves)
    return whole_data(counts[0]) + knobs + whole_data(counts[1]) + followers


def _follower(
    index: int, spec: ParameterSpec, value: float, moves: Sequence[tuple[int, MacroMove]]
) -> bytes:
    """Return a value that follows: its place, its range, its moves."""
    logarithmic = spec.scale == "log"
    parts = [whole_data(index), real_data(value, spec.low, spec.high), whole_data(int(logarithmic))]
    parts.append(whole_data(len(moves)))
    for macro, move in moves:
        bent, ratios, start, rows = curve_rows(move, logarithmic)
        parts += [whole_data(macro), whole_data(int(bent)), whole_data(int(ratios))]
        parts += [real_data(move[3], start), whole_data(len(rows))]
        parts += [real_data(*row) for row in rows]
    return b"".join(parts)


def curve_rows(
    move: MacroMove, logarithmic: bool
) -> tuple[bool, bool, float, list[tuple[float, float, float, float]]]:
    """Return a curve by its points.

    Args:
        move: how a macro moves a value
        logarithmic: the scale of the value

    Returns:
        whether it is a cubic between its points, else straight; whether heights are logarithms of
        values; where the macro stood in the preset, the value there on its own scale; of each
        point the position, the value, the height and the slope
    """
    curve, positions, points, before, _ = move
    start = curve_value(curve, positions, points, logarithmic, before)
    ratios = curve == "log" or (curve == "spline" and logarithmic)
    at = np.asarray(positions, dtype=np.float64)
    heights = np.log(points) if ratios else np.asarray(points, dtype=np.float64)
    # through two points the spline is a straight line
    bent = curve == "spline" and len(at) > 2
    tangents = spline_tangents(at, heights) if bent else np.zeros(len(at))
    columns = (at.tolist(), map(float, points), heights.tolist(), tangents.tolist())
    rows = list(zip(*columns, strict=True))
    return bent, ratios, math.log(start) if logarithmic else start, rows
