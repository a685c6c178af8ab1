"""Other filters with nearly the response of some filters, by exchanges of single ones.

One or two filters are left out, alone or with another in their place; the nearest set of fewer
controls that this gives is exchanged further. Sets that are built from nothing
(`equivalent_filters`) miss a set in which no single filter is the best first one.

Source:
    the exchange steps of sequential floating selection (Pudil, Novovičová and Kittler, "Floating
    search methods in feature selection", 1994), on the logarithms of responses, which add up.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from fxchain.iir.equivalent import FIRST, FURTHER, Equivalent, distance_of, distinct, fitted
from fxchain.iir.filter_starts import Start, centred, moved_by, starts
from fxchain.iir.response_distance import Spectrum
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import response_of

#: In each round so many sets are tried with a filter of one kind for one that was there, as many
#: with one for two, as many with none for one; and so many of all.
OF_EACH_KIND, TRIED = 2, 10
#: Of the sets with fewer controls, and of those with equally many, so many are fitted further.
KEPT = 3


def exchanged(
    present: Sequence[Unit], wanted: Spectrum, primitives: Sequence[Primitive], most: float
) -> list[Equivalent]:
    """Return sets of as many controls as there are, and of ever fewer.

    Args:
        present: the filters
        wanted: their response, and the power of the signal behind them
        primitives: kinds of filters
        most: distance from the wanted response that a set may have
    """
    further = starts(primitives, wanted)
    here = fitted(present, wanted, FURTHER)
    found: list[Equivalent] = []
    while here.units:
        tried = [fitted(each, wanted, FIRST) for each in _exchanges(here.units, wanted, further)]
        new = distinct([here, *sorted(tried, key=distance_of)])[1:]
        fewer = [each for each in new if each.knobs < here.knobs][:KEPT]
        others = [] if found else [each for each in new if each.knobs == here.knobs][:KEPT]
        ends = [fitted(each.units, wanted, FURTHER) for each in (*fewer, *others)]
        near = sorted((each for each in ends if each.distance <= most), key=distance_of)
        found += near
        simpler = [each for each in near if each.knobs < here.knobs]
        if not simpler:
            break
        here = simpler[0]
    return found


def from_other_starts(
    found: Equivalent, wanted: Spectrum, primitives: Sequence[Primitive]
) -> Equivalent:
    """Return the same kinds of filters where each in turn is fitted from every start of its kind:
    the distance has local minima.

    Args:
        found: the filters
        wanted: their response, and the power of the signal behind them
        primitives: kinds of filters
    """
    best, further = found, starts(primitives, wanted)
    for kind in found.kinds:
        # those of one kind are taken in turns: behind each fit the one that was taken is the last
        number = next(i for i, unit in enumerate(best.units) if unit.primitive.kind == kind)
        gone, stay = best.units[number], (*best.units[:number], *best.units[number + 1 :])
        response = response_of(stay, wanted.points, wanted.sample_rate)
        missing = centred(np.log(wanted.response / response), wanted)
        same = [each for each in further if each.unit.primitive is gone.primitive]
        moved = [moved_by(each, missing, wanted.power)[1] for each in same]
        tried = [fitted((*stay, unit), wanted, FIRST) for unit in moved]
        best = min([replace(best, units=(*stay, gone)), *tried], key=distance_of)
    if best.distance == found.distance:
        return found
    return min([found, fitted(best.units, wanted, FURTHER)], key=distance_of)


def _exchanges(
    here: Sequence[Unit], wanted: Spectrum, further: Sequence[Start]
) -> list[tuple[Unit, ...]]:
    """Return what the logarithms of the responses foretell to be the nearest: of sets with fewer
    filters some, and of those with another filter some of each kind."""
    power, points = wanted.power, wanted.points
    rate = wanted.sample_rate
    own = [centred(np.log(response_of((unit,), points, rate)), wanted) for unit in here]
    left = centred(np.log(wanted.response), wanted) - np.sum(own, axis=0)
    ranked: list[tuple[float, tuple[str, int], tuple[Unit, ...]]] = []
    for count in (1, 2):
        for gone in combinations(range(len(here)), count):
            missing = left + np.sum([own[i] for i in gone], axis=0)
            stay = tuple(unit for i, unit in enumerate(here) if i not in gone)
            if count == 1:
                distance = float(np.sum(power * np.abs(missing) ** 2))
                ranked.append((distance, ("", count), stay))
            knobs = sum(len(here[i].values) for i in gone)
            kinds = [here[i].primitive.kind for i in gone]
            for start in further:
                kind = start.unit.primitive.kind
                if len(start.unit.values) <= knobs and kinds != [kind]:
                    distance, unit = moved_by(start, missing, power)
                    ranked.append((distance, (kind, count), (*stay, unit)))
    ranked.sort(key=lambda each: each[0])
    counts: Counter[tuple[str, int]] = Counter()
    chosen: list[tuple[Unit, ...]] = []
    for _, group, units in ranked:
        counts[group] += 1
        if counts[group] <= OF_EACH_KIND and len(chosen) < TRIED:
            chosen.append(units)
    return chosen
