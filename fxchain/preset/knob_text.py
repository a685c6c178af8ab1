"""A knob's range in few digits."""

import math


def around(value: float, low: float, high: float) -> str:
    """Return a range with two digits of its width: `±0.05`, or `3.9…4.3` where it is lopsided."""
    width, down, up = high - low, value - low, high - value
    if not width > 0.0:
        return "±0"
    if abs(up - down) <= 0.2 * max(up, down):
        return f"±{_digits(max(up, down), math.inf)}"
    return f"{_digits(low, width)}…{_digits(high, width)}"


def _digits(number: float, width: float) -> str:
    """Return a number with two digits, or with two of a width if those are finer."""
    places = [
        1 - math.floor(math.log10(abs(each)))
        for each in (number, width)
        if 0 < abs(each) < math.inf
    ]
    decimals = max(places, default=0)
    return f"{round(number, decimals):.{max(decimals, 0)}f}"
