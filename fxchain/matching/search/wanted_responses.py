"""What a linear filter at each place of a chain should do to lower the error most.

With cₖ the amounts of all the filters that may be inserted at a place, taken together, and Rₖ their
responses,

    R = 1 + c₀ + Σ cₖ·(Rₖ − 1),    min over c and d of  ‖r + J·d + Σ cₖ·δₖ‖² + damping,

is the response of the nearest filter in their span; nothing of its order is known yet. What follows
the place may be nonlinear, since the δₖ are carried through it.
"""

from dataclasses import dataclass

import numpy as np

from fxchain.matching.search.linearization import Linearized
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import response_of
from fxchain.structure.places import Place

#: A response is raised to this at least: a zero cannot be told from a deep notch.
LEAST = 0.05


@dataclass(frozen=True)
class WantedResponse:
    """A filter that is wanted at a place.

    Attributes:
        place: where
        units: what it is a combination of
        amounts: (1 + units,), of a gain and of each
        left: the error that is to be expected with it
    """

    place: Place
    units: tuple[Unit, ...]
    amounts: np.ndarray
    left: float

    def response(self, points: np.ndarray, sample_rate: int) -> np.ndarray:
        """Return its response at points, Hz, complex."""
        found = np.full(len(points), 1.0 + self.amounts[0], dtype=np.complex128)
        for amount, unit in zip(self.amounts[1:], self.units, strict=True):
            found += amount * (response_of((unit,), points, sample_rate) - 1.0)
        size = np.maximum(np.abs(found), 1e-12)
        return found * np.maximum(LEAST / size, 1.0)


def wanted_responses(of: Linearized) -> list[WantedResponse]:
    """Return for each place where filters may be inserted the response that is wanted there."""
    known, found = of.tangents.knobs(), []
    for spot in of.spots:
        columns = of.tangents.of(spot)
        numbers = [i for i, unit in enumerate(spot.units) if unit.primitive.sections is not None]
        if not len(columns) or not numbers:
            continue
        tried = columns[[0, *(1 + number for number in numbers)]]
        left, amounts = of.tangents.together(known, tried)
        units = tuple(spot.units[number] for number in numbers)
        found.append(WantedResponse(spot.place, units, amounts, left))
    return found
