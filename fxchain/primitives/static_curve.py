"""The form that memoryless effects are exported in."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class StaticCurve:
    """The curve factor · (f(gain · x + offset) − f(offset)) of an input sample x.

    Attributes:
        function: f: `"tanh"`, or `"clamp"` to ±1
        gain: before f
        offset: before f
        factor: behind f
    """

    function: Literal["tanh", "clamp"]
    gain: float
    offset: float = 0.0
    factor: float = 1.0
