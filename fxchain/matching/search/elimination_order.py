"""Which units of a chain are left out first."""

import math
from collections.abc import Collection, Mapping

import numpy as np

from fxchain.matching.search.elimination_forecast import Forecast
from fxchain.structure.criterion import FLOOR
from fxchain.structure.removal import compatible

#: In the loose pass a knob may go where ln(E) rises by less than this.
LOOSE = 0.5


def cheapest(
    forecast: Forecast, most: int, kept: Collection[str], ids: Mapping[str, str]
) -> list[int]:
    """Return units that may go together, the cheapest first: at least one, if there are any.

    Args:
        forecast: of all
        most: how many at most
        kept: ids of those that stay
        ids: by path
    """
    units = [
        (i, unit.part) for i, unit in enumerate(forecast.units) if ids[unit.part.path] not in kept
    ]
    chosen: list[int] = []
    least = math.inf
    while len(chosen) < most:
        parts = [forecast.units[i].part for i in chosen]
        left = [i for i, part in units if compatible(part, parts)]
        costs = {i: _cost(forecast, [*chosen, i], LOOSE) for i in left}
        if not costs:
            break
        best = min(costs, key=lambda i: costs[i])
        if chosen and costs[best] >= least:
            break
        chosen.append(best)
        least = costs[best]
    return chosen


def ranked(forecast: Forecast) -> list[int]:
    """Return the units, the cheapest first."""
    costs = [_cost(forecast, [i], LOOSE) for i in range(len(forecast.units))]
    return [int(i) for i in np.argsort(costs, kind="stable")]


def _cost(forecast: Forecast, chosen: list[int], per_knob: float) -> float:
    """Return the logarithm of the error to be expected, less what the knobs are worth."""
    knobs = sum(forecast.units[i].knobs for i in chosen)
    return math.log(forecast.error(chosen) + FLOOR) - per_knob * knobs
