"""Macros: knobs that move other controls along curves."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

#: Of a macro: the least and the highest value, and where it stands.
MacroRange = tuple[float, float, float]
#: How a macro moves a control: curve, values of the macro, values of the control there, the value
#: of the macro that belongs to the control's own value, and where the macro stands.
MacroMove = tuple[str, Sequence[float], Sequence[float], float, float]


def moved(
    value: float, low: float, high: float, logarithmic: bool, moves: Sequence[MacroMove]
) -> float:
    """Return a control moved by macros: the sum of their changes, on the scale of the control.

    Args:
        value: of the control where no macro has been moved
        low: least value of the control
        high: its highest value
        logarithmic: equal ratios are equal lengths on its scale
        moves: of all the macros that move it
    """
    change = 0.0
    for curve, positions, values, before, now in moves:
        if now == before:
            continue
        ends = [curve_value(curve, positions, values, logarithmic, at) for at in (before, now)]
        start, end = (math.log(each) if logarithmic else each for each in ends)
        change += end - start
    if change == 0.0:
        return float(value)
    found = value * math.exp(change) if logarithmic else value + change
    return float(min(max(found, low), high))


def curve_value(
    curve: str, positions: Sequence[float], values: Sequence[float], logarithmic: bool, at: float
) -> float:
    """Return the value of a control at a position of a macro.

    Args:
        curve: `linear`: straight lines between the points; `log`: equal ratios between them;
            `spline`: a monotone spline on the scale of the control
        positions: ascending, of the macro, two or more
        values: of the control there
        logarithmic: the scale of the control
        at: a position of the macro; beyond the ends the curve stays
    """
    place = min(max(float(at), positions[0]), positions[-1])
    if place in positions:
        return float(values[list(positions).index(place)])
    ratios = curve == "log" or (curve == "spline" and logarithmic)
    heights = np.log(values) if ratios else np.asarray(values, dtype=np.float64)
    if curve == "spline":
        found = monotone_spline(np.asarray(positions, dtype=np.float64), heights, place)
    else:
        found = float(np.interp(place, positions, heights))
    return math.exp(found) if ratios else found


def monotone_spline(positions: np.ndarray, heights: np.ndarray, at: float) -> float:
    """Return a cubic spline that has no extrema but at its points, see `spline_tangents`."""
    steps = np.diff(positions)
    if len(steps) == 1:
        slopes = np.diff(heights) / steps
        return float(heights[0] + slopes[0] * (at - positions[0]))
    tangents = spline_tangents(positions, heights)
    k = min(int(np.searchsorted(positions, at, side="right")) - 1, len(steps) - 1)
    t = (at - positions[k]) / steps[k]
    return float(
        (1 + 2 * t) * (1 - t) ** 2 * heights[k]
        + t * (1 - t) ** 2 * steps[k] * tangents[k]
        + t**2 * (3 - 2 * t) * heights[k + 1]
        + t**2 * (t - 1) * steps[k] * tangents[k + 1]
    )


def spline_tangents(positions: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Return the slopes of a monotone cubic spline at its points, three or more.

    Source: Fritsch and Butland 1984; the slope at an end is that of a parabola through the three
    points there, as far as that stays monotone (Moler 2004, the same as scipy's
    PchipInterpolator).
    """
    steps = np.diff(positions)
    slopes = np.diff(heights) / steps
    tangents = np.zeros(len(positions))
    for k in range(1, len(steps)):
        if slopes[k - 1] * slopes[k] > 0.0:
            before, behind = 2 * steps[k] + steps[k - 1], steps[k] + 2 * steps[k - 1]
            tangents[k] = (before + behind) / (before / slopes[k - 1] + behind / slopes[k])
    for end, k, further in ((0, 0, 1), (-1, -1, -2)):
        wide = steps[k] + steps[further]
        tangent = ((wide + steps[k]) * slopes[k] - steps[k] * slopes[further]) / wide
        if tangent * slopes[k] <= 0.0:
            tangent = 0.0
        elif slopes[k] * slopes[further] <= 0.0 and abs(tangent) > 3.0 * abs(slopes[k]):
            tangent = 3.0 * slopes[k]
        tangents[end] = tangent
    return tangents


def settings_of(macros: dict[str, MacroRange], given: dict[str, Any]) -> dict[str, float]:
    """Return where every macro stands.

    Args:
        macros: by name
        given: values by name; the others stay

    Raises:
        ValueError: a name or a value that there is not.
    """
    found = {name: value for name, (_, _, value) in macros.items()}
    for name, value in given.items():
        if name not in macros:
            raise ValueError(f"there is no macro {name!r}; there is {', '.join(macros) or 'none'}")
        low, high, _ = macros[name]
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"{name}={value}: give a number from {low:g} to {high:g}") from None
        if not low <= number <= high:
            raise ValueError(f"{name}={value}: give a number from {low:g} to {high:g}")
        found[name] = number
    return found


def split_settings(texts: Sequence[str]) -> dict[str, str]:
    """Return what `NAME=VALUE` says, each once.

    Raises:
        ValueError: it says something else, or the same name stands twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise ValueError(f"--set {text!r}: give NAME=VALUE, as in --set tone=7")
        if name in found:
            raise ValueError(f"--set {name} stands twice; give it once")
        found[name] = value
    return found
