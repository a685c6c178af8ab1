"""Sets of filters with the response of others, built from nothing.

Filters are added one after the other; of each number the best few sets are kept.

Source:
    orthogonal matching pursuit (Pati et al. 1993) for the start of a filter, all moved together by
    second-order steps behind it.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from fxchain.iir.equivalent import FIRST, FURTHER, Equivalent, distance_of, distinct, fitted
from fxchain.iir.filter_starts import Start, centred, moved_by, starts
from fxchain.iir.response_distance import Spectrum
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import response_of

#: Sets of one number of filters that are kept, and starts of a further filter that are tried.
KEPT, TRIED = 2, 6


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
    nothing = fitted((), wanted, FIRST)
    found, here = [nothing], [nothing]
    further = starts(primitives, wanted)
    while len(here[0].units) < most and here[0].distance > enough:
        longer = [units for each in here for units in _longer(each, wanted, further)]
        tried = sorted((fitted(units, wanted, FIRST) for units in longer), key=distance_of)
        kept = distinct(tried)[:KEPT]
        here = sorted((fitted(each.units, wanted, FURTHER) for each in kept), key=distance_of)
        found += here
    return found


def _longer(here: Equivalent, wanted: Spectrum, further: Sequence[Start]) -> list[tuple[Unit, ...]]:
    """Return the filters with a further one, those that the logarithm of the response foretells to
    be the best, of each kind at most two."""
    played = response_of(here.units, wanted.points, wanted.sample_rate)
    left = centred(np.log(wanted.response / played), wanted)
    ranked = [moved_by(start, left, wanted.power) for start in further]
    ranked.sort(key=lambda pair: pair[0])
    counts: Counter[str] = Counter()
    chosen: list[tuple[Unit, ...]] = []
    for _, unit in ranked:
        kind = unit.primitive.kind
        counts[kind] += 1
        if counts[kind] <= 2 and len(chosen) < TRIED:
            chosen.append((*here.units, unit))
    return chosen
