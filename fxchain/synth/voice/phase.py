"""The phase of a note, with vibrato."""

import math
from typing import Any


def frequency_hz(pitch: float) -> float:
    """Return the frequency of a MIDI number, Hz."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


def cycles(xp: Any, times: Any, hertz: float, controls: Any) -> Any:
    """Return how many periods of a note have passed.

    The frequency is hertz · (1 + d sin(2πrt)), with the vibrato's rate r and d = depth · ln 2/1200
    for a depth in cents; its integral has a closed form.

    Args:
        xp: numpy or torch
        times: (times,) since the beginning of the note, s
        hertz: frequency of the note
        controls: has `vibrato_rate_hz` and `vibrato_depth_cents`

    Returns:
        (times,)
    """
    turn = 2.0 * math.pi * controls["vibrato_rate_hz"]
    depth = controls["vibrato_depth_cents"] * (math.log(2.0) / 1200.0)
    return hertz * (times + depth * (1.0 - xp.cos(turn * times)) / turn)
