"""Macros of a preset in the language Faust: a slider for each, and the values that follow them."""

from collections.abc import Sequence
from itertools import pairwise

from fxchain.native.macros import LiveMacros, curve_rows
from fxchain.parameter import ParameterSpec
from fxchain.player.macros import MacroMove


def macro_name(number: int) -> str:
    """Return how the program names a macro."""
    return f"macro_{number + 1}"


def following(macros: LiveMacros, index: int, spec: ParameterSpec, value: float) -> str:
    """Return a value that follows macros, as `fxchain.player.macros.moved` computes it.

    Args:
        macros: of the preset
        index: of the value in the chain
        spec: its range and scale
        value: where the macros stand as in the preset
    """
    logarithmic = spec.scale == "log"
    changes = [
        _change(macro_name(number), move, logarithmic) for number, move in macros.moves[index]
    ]
    change = " + ".join(changes)
    made = f"{value!r} * exp({change})" if logarithmic else f"{value!r} + {change}"
    return f"min({float(spec.high)!r}, max({float(spec.low)!r}, {made}))"


def _change(name: str, move: MacroMove, logarithmic: bool) -> str:
    """Return how far a macro has moved a value on the value's scale."""
    bent, ratios, start, rows = curve_rows(move, logarithmic)
    height = _height(rows, bent)
    if ratios != logarithmic:
        height = f"exp({height})" if ratios else f"log({height})"
    held = f"min({rows[-1][0]!r}, max({rows[0][0]!r}, {name}))"
    return f"(({held} : \\(x).({height})) - ({start!r}))"


def _height(rows: Sequence[tuple[float, float, float, float]], bent: bool) -> str:
    """Return the height of a curve at x: straight or cubic between its points."""
    pieces = [_piece(*ends, bent) for ends in pairwise(rows)]
    made = pieces[-1]
    for place in range(len(pieces) - 1, 0, -1):
        made = f"select2(x >= {rows[place][0]!r}, {pieces[place - 1]}, {made})"
    return made


def _piece(
    first: tuple[float, float, float, float], second: tuple[float, float, float, float], bent: bool
) -> str:
    """Return the height between two points, each of position, value, height and slope."""
    step = second[0] - first[0]
    share = f"((x - ({first[0]!r})) / {step!r})"
    if not bent:
        return f"({first[2]!r} + ({second[2] - first[2]!r}) * {share})"
    slopes = step * first[3], step * second[3]
    # a cubic with these heights and slopes at its ends (Hermite), in powers of the share
    rise = second[2] - first[2]
    square, cube = 3.0 * rise - 2.0 * slopes[0] - slopes[1], slopes[0] + slopes[1] - 2.0 * rise
    inside = f"({slopes[0]!r}) + t * (({square!r}) + t * ({cube!r}))"
    return f"({share} : \\(t).({first[2]!r} + t * ({inside})))"
