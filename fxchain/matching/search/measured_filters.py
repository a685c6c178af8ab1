"""Filters with the response that was measured, as the first chains of a growing population."""

from collections.abc import Sequence

import numpy as np

from fxchain.iir.equivalent import Equivalent
from fxchain.iir.nearest_filters import nearest_filters
from fxchain.iir.response_distance import Spectrum
from fxchain.matching.search.band_powers import band_centres, power_shares, with_faint
from fxchain.matching.search.measured_device import MeasuredDevice
from fxchain.matching.search.other_filters import OtherFilters, with_filters
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import nodes_of
from fxchain.structure.criterion import FLOOR, Complexity, price
from fxchain.structure.places import Place
from fxchain.structure.removal import with_level

#: The highest order that is tried, and the distance from the measured response that filters have at
#: most.
ORDERS, MOST = 12, 0.1
#: So many sets, of those that promise the least price, begin the population.
BEGIN = 2


def measured_chains(
    of: OtherFilters, candidate: Candidate, measured: MeasuredDevice
) -> Sequence[Candidate]:
    """Return a chain with filters behind it that have the measured response.

    Args:
        of: the excerpts, and what filters may be used
        candidate: what begins the chain, with its loss
        measured: the response

    Returns:
        chains of a few sets of filters, those that promise the least price; none where no filters
        are near the response
    """
    points = band_centres(of.sample_rate)
    response = measured.response(points)
    before = power_shares(of.excerpts[0].dry, points, of.sample_rate)
    power = before * np.square(np.abs(response))
    power = with_faint(power / max(float(power.sum()), 1e-30), response)
    wanted = Spectrum(points, response, power, of.sample_rate, of.delay_free)
    found = nearest_filters(wanted, of.usable(), ORDERS, MOST, FLOOR)
    best = sorted((each for each in found if each.units), key=_price)[:BEGIN]
    end = Place((), len(nodes_of(candidate)))
    return [with_level(with_filters(candidate, end, each)) for each in best]


def _price(of: Equivalent) -> float:
    return price(of.distance, Complexity(of.knobs, len(of.units)))
