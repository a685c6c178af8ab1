"""Where the fit of a further filter may begin, by the logarithm of its response."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.iir.response_distance import Spectrum
from fxchain.player import Playback
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import response_of
from fxchain.structure.proposal import amounts_allowed, moved_from_neutral, start_units


@dataclass(frozen=True)
class Start:
    """Where a fit of a further filter may begin.

    Attributes:
        unit: the filter
        change: (points,), the logarithm of its response at the best gain
    """

    unit: Unit
    change: np.ndarray


def starts(primitives: Sequence[Primitive], wanted: Spectrum) -> list[Start]:
    """Return where a fit of a further filter may begin."""
    silence = np.zeros((1, 1), dtype=np.float32)
    units = start_units(primitives, silence, Playback(wanted.sample_rate, 0), ())
    changes = (np.log(response_of((each,), wanted.points, wanted.sample_rate)) for each in units)
    pairs = zip(units, changes, strict=True)
    return [Start(unit, centred(change, wanted)) for unit, change in pairs]


def moved_by(start: Start, missing: np.ndarray, power: np.ndarray) -> tuple[float, Unit]:
    """Return the distance that is to be expected with a further filter, and that filter.

    Args:
        start: where its fit begins
        missing: (points,), the logarithm of the response that is wanted of it, at the best gain
        power: (points,), that of the signal
    """
    unit, change = start.unit, start.change
    energy = float(np.sum(power * np.abs(change) ** 2)) + 1e-20
    amount = float(np.sum(power * (missing * change.conj()).real)) / energy
    if unit.primitive.neutral is None:
        amount = 1.0
    else:
        low, high = amounts_allowed(unit)
        amount = min(max(amount, low), high)
        unit = moved_from_neutral(unit, amount)
    return float(np.sum(power * np.abs(missing - amount * change) ** 2)), unit


def widest(primitives: Sequence[Primitive], sample_rate: int) -> tuple[Unit, ...]:
    """Return of each filter that cannot be neutral the start that changes white noise least."""
    points = np.geomspace(20.0, 0.49 * sample_rate, 100)
    flat = Spectrum(points, np.ones(100), np.full(100, 0.01), sample_rate)
    best: dict[str, tuple[float, Unit]] = {}
    cutting = [each for each in primitives if each.sections is not None and each.neutral is None]
    for start in starts(cutting, flat):
        found = float(np.sum(flat.power * np.abs(start.change) ** 2)), start.unit
        kind = start.unit.primitive.kind
        best[kind] = min(best.get(kind, found), found, key=lambda pair: pair[0])
    return tuple(unit for _, unit in best.values())


def centred(logarithms: np.ndarray, wanted: Spectrum) -> np.ndarray:
    """Return logarithms of responses (…, points) at the best gains, and at the best delays where
    they are free."""
    power, radians = wanted.power, wanted.radians
    found: np.ndarray = logarithms - np.sum(power * logarithms.real, axis=-1, keepdims=True)
    if wanted.delay_free:
        slopes = np.sum(power * radians * found.imag, axis=-1, keepdims=True)
        found = found - 1j * slopes / np.sum(power * radians**2) * radians
    return found
