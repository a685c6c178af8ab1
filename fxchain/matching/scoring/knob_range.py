"""How far a knob may be off: the width of its range, and how its ends are rounded."""

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
import torch

from fxchain.stage import Slot

Range = tuple[float | None, float | None]


def half_widths(hessian: np.ndarray, growth: float) -> np.ndarray:
    """Return how far each position may be off while all others follow.

    For coordinate i this is √(g · [(H + g/n · I)⁻¹]ᵢᵢ). The ridge g/n bounds how far the other
    knobs go to make up for one: all n of them at the ends of the unit cube cost one growth g.

    Args:
        hessian: (knobs, knobs), Gauss-Newton's, over the unit cube
        growth: g, of the error, that ends the range

    Returns:
        (knobs,), at most 1: half the width of each range
    """
    count = len(hessian)
    if not count:
        return np.zeros(0)
    ridged = hessian + growth / count * np.eye(count)
    return np.minimum(np.sqrt(growth * np.diag(np.linalg.inv(ridged))), 1.0)


def knob_ranges(
    slots: Sequence[Slot],
    values: np.ndarray,
    half: np.ndarray,
    to_the_sample: np.ndarray,
    sample_rate: int,
) -> list[Range]:
    """Return the least and the greatest value of each knob, rounded outwards.

    Args:
        slots: of the knobs
        values: (size,), physical
        half: (size,), half the widths over the unit cube; NaN where nothing is known
        to_the_sample: (size,), bool: of a quantized knob the range is its sample
        sample_rate: Hz
    """
    rows = zip(slots, values, half, to_the_sample, strict=True)
    return [_range(slot, float(v), float(h), bool(s), sample_rate) for slot, v, h, s in rows]


def _range(slot: Slot, value: float, half: float, to_the_sample: bool, sample_rate: int) -> Range:
    spec = slot.spec
    if to_the_sample and slot.quantized:
        sample = math.floor(value * sample_rate)
        low, high = max(sample / sample_rate, spec.low), min((sample + 1) / sample_rate, spec.high)
    elif math.isnan(half):
        return None, None
    else:
        position = spec.normalize(value)
        low, high = (
            float(spec.denormalize(torch.tensor(at, dtype=torch.float64)))
            for at in (position - half, position + half)
        )
    return rounded_outwards(min(low, value), max(high, value))


def rounded_outwards(low: float, high: float) -> tuple[float, float]:
    """Return a range with four digits of each end, or three of the width if those are finer."""
    if not high > low:
        return low, high
    return _rounded(low, high - low, ROUND_FLOOR), _rounded(high, high - low, ROUND_CEILING)


def _rounded(end: float, width: float, direction: str) -> float:
    place = math.floor(math.log10(width)) - 2
    if end:
        place = min(place, math.floor(math.log10(abs(end))) - 3)
    return float(Decimal(repr(float(end))).quantize(Decimal(1).scaleb(place), direction))
