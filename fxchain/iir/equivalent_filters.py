"""Other filters with the response of some filters: fewer of them, or of other kinds.

With H the response that is there, Q that of the new ones, w the power of the signal behind them
over frequency, Σw = 1, the distance of the two is

    d = min_g Σ w·|g·Q / H − 1|²,

the error-to-signal ratio that the exchange makes at that place. No audio is played. Filters are
added one after the other, of each number the best few are kept.

Source:
    orthogonal matching pursuit (Pati et al. 1993) for the start of a filter, all moved together by
    second-order steps behind it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.iir.response_distance import ResponseDistance, Spectrum
from fxchain.optim.budget import Budget
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.player import Playback
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import response_of
from fxchain.structure.proposal import amounts_allowed, moved_from_neutral, start_units

#: Sets of one number of filters that are kept, and starts of a further filter that are tried.
KEPT, TRIED = 2, 6
#: Second-order steps of those that are tried, and of those that are kept.
FIRST, FURTHER = LevenbergMarquardt(8), LevenbergMarquardt(40)


@dataclass(frozen=True)
class Equivalent:
    """Filters in the place of others.

    Attributes:
        units: the filters
        gain_db: what their response is to be raised by
        distance: see the module
    """

    units: tuple[Unit, ...]
    gain_db: float
    distance: float

    @property
    def knobs(self) -> int:
        """Return how many controls they have."""
        return sum(len(unit.values) for unit in self.units)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of the filters, sorted."""
        return tuple(sorted(unit.primitive.kind for unit in self.units))


def equivalents(
    wanted: Spectrum, primitives: Sequence[Primitive], most: int, enough: float
) -> list[Equivalent]:
    """Return sets of filters of each number, the best few of each.

    Args:
        wanted: what they are to do
        primitives: kinds of filters
        most: how many filters at most
        enough: distance at which no more are added
    """
    nothing = _fitted((), wanted, FIRST)
    found, here = [nothing], [nothing]
    further = _starts(primitives, wanted)
    while len(here[0].units) < most and here[0].distance > enough:
        starts = [start for each in here for start in _longer(each, wanted, further)]
        tried = sorted((_fitted(each, wanted, FIRST) for each in starts), key=_distance)
        kept = _distinct(tried)[:KEPT]
        here = sorted((_fitted(each.units, wanted, FURTHER) for each in kept), key=_distance)
        found += here
    return found


def _distance(of: Equivalent) -> float:
    return of.distance


def _distinct(found: Sequence[Equivalent]) -> list[Equivalent]:
    """Return the first of each set of kinds and of each distance: a shelf and the same from the
    other side leave the same."""
    first: list[Equivalent] = []
    for each in found:
        others = ((other.kinds, other.distance) for other in first)
        if not any(
            each.kinds == kinds or math.isclose(each.distance, distance, rel_tol=1e-4)
            for kinds, distance in others
        ):
            first.append(each)
    return first


def _starts(primitives: Sequence[Primitive], wanted: Spectrum) -> list[tuple[Unit, np.ndarray]]:
    """Return where a fit of a further filter may begin, with the logarithms of the responses."""
    silence = np.zeros((1, 1), dtype=np.float32)
    units = start_units(primitives, silence, Playback(wanted.sample_rate, 0), ())
    changes = (np.log(response_of((each,), wanted.points, wanted.sample_rate)) for each in units)
    return [(unit, _centred(c, wanted.power)) for unit, c in zip(units, changes, strict=True)]


def widest(primitives: Sequence[Primitive], sample_rate: int) -> tuple[Unit, ...]:
    """Return of each filter that cannot be neutral the start that changes white noise least."""
    points = np.geomspace(20.0, 0.49 * sample_rate, 100)
    flat = Spectrum(points, np.ones(100), np.full(100, 0.01), sample_rate)
    best: dict[str, tuple[float, Unit]] = {}
    cutting = [each for each in primitives if each.sections is not None and each.neutral is None]
    for unit, change in _starts(cutting, flat):
        distance = float(np.sum(flat.power * np.abs(change) ** 2))
        kind = unit.primitive.kind
        best[kind] = min(best.get(kind, (math.inf, unit)), (distance, unit), key=lambda x: x[0])
    return tuple(unit for _, unit in best.values())


def _longer(
    here: Equivalent, wanted: Spectrum, further: Sequence[tuple[Unit, np.ndarray]]
) -> list[tuple[Unit, ...]]:
    """Return the filters with a further one, those that the logarithm of the response foretells to
    be the best, of each kind at most two."""
    played = response_of(here.units, wanted.points, wanted.sample_rate)
    left = _centred(np.log(wanted.response / played), wanted.power)
    ranked = []
    for unit, change in further:
        energy = float(np.sum(wanted.power * np.abs(change) ** 2)) + 1e-20
        amount = float(np.sum(wanted.power * (left * change.conj()).real)) / energy
        if unit.primitive.neutral is None:
            amount, moved = 1.0, unit
        else:
            low, high = amounts_allowed(unit)
            amount = min(max(amount, low), high)
            moved = moved_from_neutral(unit, amount)
        distance = float(np.sum(wanted.power * np.abs(left - amount * change) ** 2))
        ranked.append((distance, moved))
    ranked.sort(key=lambda pair: pair[0])
    counts: dict[str, int] = {}
    chosen: list[tuple[Unit, ...]] = []
    for _, unit in ranked:
        kind = unit.primitive.kind
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= 2 and len(chosen) < TRIED:
            chosen.append((*here.units, unit))
    return chosen


def _centred(logarithm: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Return the logarithm of a response at the best gain."""
    found: np.ndarray = logarithm - np.sum(power * logarithm.real)
    return found


def _fitted(units: Sequence[Unit], wanted: Spectrum, steps: LevenbergMarquardt) -> Equivalent:
    """Return filters where second-order steps lead."""
    error = ResponseDistance(units, wanted)
    cube = error.cube
    if len(cube):
        cube = steps.minimize(error, cube, Budget()).cube
    residual, gain = error.at(cube)
    return Equivalent(
        error.units(cube),
        20.0 * float(np.log10(max(gain, 1e-6))),
        float(np.square(residual).sum()),
    )
