"""Sets of filters with nearly a response, of every order, by its poles and zeros.

The nearest rational response of each order is found without a start (`vector_fitting`), filters
with its poles and zeros are chosen (`realization`), and second-order steps fit them together.
"""

from collections.abc import Sequence

from fxchain.iir.equivalent import FIRST, FURTHER, Equivalent, distance_of, fitted
from fxchain.iir.realization import order_of, realizations
from fxchain.iir.response_distance import Spectrum
from fxchain.iir.vector_fitting import rational_response
from fxchain.primitives import Primitive
from fxchain.structure.canonical_tree import Unit

#: So many orders are tried, from the least with a rational response that is near enough: what
#: further ones explain is noise.
TRIED = 8


def nearest_filters(
    wanted: Spectrum, primitives: Sequence[Primitive], orders: int, most: float, enough: float
) -> list[Equivalent]:
    """Return sets of filters whose distance is at most that, of each order the best.

    Args:
        wanted: what they are to do
        primitives: kinds of filters
        orders: the highest order that is tried
        most: distance from the wanted response that a set may have
        enough: distance at which no higher order is tried
    """
    nothing = fitted((), wanted, FIRST)
    found = [nothing] if nothing.distance <= most else []
    tried = 0
    for order in range(1, orders + 1):
        if tried == TRIED or (found and min(found, key=distance_of).distance <= enough):
            break
        response = rational_response(wanted, order)
        if response.distance > most:
            continue
        tried += 1
        sets = realizations(response, wanted, primitives)
        begun = sorted((fitted(units, wanted, FIRST) for units in sets), key=distance_of)
        near = [fitted(each.units, wanted, FURTHER) for each in begun[:1]]
        found += [each for each in near if each.distance <= most]
    return found


def order_of_all(units: Sequence[Unit], sample_rate: int) -> int:
    """Return how many poles filters have together."""
    return sum(order_of(unit.primitive, sample_rate) for unit in units)
