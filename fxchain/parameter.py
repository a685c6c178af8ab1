"""The range, unit and scale of one control: the only place where they stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fxchain.errors import ParameterError

if TYPE_CHECKING:
    from torch import Tensor

Scale = Literal["linear", "log"]


@dataclass(frozen=True)
class ParameterSpec:
    """One control of an effect.

    A search sees a position in [0, 1]; a person sees a value in `unit`. A `"log"` scale gives
    equal ratios equal lengths and is used for Hz, ms, s, Q and ratio.

    Attributes:
        name: with its unit
        unit: empty for plain numbers
        low: smallest value
        high: largest value
        default: value when none is given
        scale: how positions in [0, 1] map to values
        prior_deviation: standard deviation of the values that people choose, in `unit`; a factor
            on a log scale
        stereo_only: it changes nothing in mono
        choices: the texts of all its values where it has only a few; the values are 0, 1, 2 …
        enumeration: of pedalboard, the members of which have these values; empty: none

    Raises:
        ParameterError: when the range is empty, or a log range reaches zero.
    """

    name: str
    unit: str
    low: float
    high: float
    default: float
    scale: Scale = "linear"
    prior_deviation: float | None = None
    stereo_only: bool = False
    choices: tuple[str, ...] = ()
    enumeration: str = ""

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ParameterError(f"{self.name}: the range [{self.low}, {self.high}] is empty")
        if self.scale == "log" and self.low <= 0:
            raise ParameterError(f"{self.name}: a log range must stay above zero")
        self.check(self.default)

    def denormalize(self, position: Tensor) -> Tensor:
        """Map positions in [0, 1] (any shape) to values in `unit`; differentiable.

        Positions outside are clamped, and rounding cannot leave the range. Where there are choices
        the value is the nearest of them.
        """
        import torch

        position = position.clamp(0.0, 1.0)
        if self.scale == "log":
            low, high = math.log(self.low), math.log(self.high)
            value = torch.exp(low + (high - low) * position)
        else:
            value = self.low + (self.high - self.low) * position
        if self.choices:
            value = value + (value.round() - value).detach()
        # Rounding may leave the range; the clamp must not change the derivative.
        return value + (value.clamp(self.low, self.high) - value).detach()

    def normalize(self, value: float) -> float:
        """Map a value in `unit` to its position in [0, 1]."""
        if self.scale == "log":
            low, high = math.log(self.low), math.log(self.high)
            position = (math.log(max(value, self.low)) - low) / (high - low)
        else:
            position = (value - self.low) / (self.high - self.low)
        return min(max(position, 0.0), 1.0)

    def check(self, value: object) -> float:
        """Return `value` as a float.

        Raises:
            ParameterError: when it is no number, not finite, or outside the range.
        """
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ParameterError(f"{self.name} = {value!r} is not a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf  # an integer that no float can hold
        if not math.isfinite(number):
            shown = value if isinstance(value, float) else "a number of too many digits"
            raise ParameterError(f"{self.name} = {shown} is not finite")
        if not self.low <= value <= self.high:
            unit = f" {self.unit}" if self.unit else ""
            raise ParameterError(
                f"{self.name} = {value:g} is outside [{self.low:g}, {self.high:g}]{unit}"
            )
        return number
