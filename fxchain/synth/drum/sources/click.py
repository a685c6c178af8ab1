"""A click."""

from typing import Any

from fxchain.parameter import ParameterSpec
from fxchain.synth.drum.sources.base import DrumSource


def click(xp: Any, hit: Any, decay_ms: Any) -> Any:
    """Return a pulse that decays exponentially: an impulse through a low-pass of first order.

    Args:
        xp: numpy or torch
        hit: see `Sound`
        decay_ms: its time constant; its spectrum falls from 1/(2π · decay) on
    """
    return xp.exp(-hit.times / (1e-3 * decay_ms))


SOURCE = DrumSource(
    "click", "Click", click, (ParameterSpec("decay_ms", "ms", 0.02, 5.0, 0.3, "log"),)
)
