"""A chain with the tangents of all that may be changed in it.

`Perturbations` that add nothing stand at every place of the chain, so that the changes of all
insertions, carried through what follows, are found in one pass with the Jacobian of its knobs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from fxchain.matching.search.insertion_spots import (
    Choices,
    Spot,
    owners,
    spots_of,
    strengths_at,
)
from fxchain.matching.search.tangents import Gram, Leaving, Tangents, leaving_out
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import Nodes, Unit, candidate_of, nodes_of
from fxchain.structure.places import inserted, targets


@dataclass(frozen=True)
class Linearized:
    """A chain with the tangents of all that may be changed in it.

    Attributes:
        candidate: the chain
        nodes: of it
        spots: the places where something may be inserted
        leaving: what may be left out
        tangents: of knobs, insertions and what leaves
    """

    candidate: Candidate
    nodes: Nodes
    spots: Sequence[Spot]
    leaving: Sequence[Leaving]
    tangents: Tangents


def linearized(
    candidate: Candidate, excerpts: Sequence[Excerpt], sample_rate: int, choices: Choices
) -> Linearized:
    """Return a chain with its tangents.

    Args:
        candidate: the chain, near a minimum; its last stage is a gain that sets its level
        excerpts: what is compared
        sample_rate: Hz
        choices: what may be inserted
    """
    nodes = nodes_of(candidate)
    spots = spots_of(nodes, choices)
    counts = [strengths_at(spot, excerpts[0], sample_rate, choices) for spot in spots]
    grown, marks = nodes, {}
    for spot, count in reversed(list(zip(spots, counts, strict=True))):
        # from the last place of a series to the first, so that those before stay where they are
        stage = spot.perturbations(choices, count)
        marks[id(stage)] = spot
        unit = Unit(cast(Any, stage), (0.0,) * count, (True,) * count)
        grown = inserted(grown, spot.place, (unit,))
    perturbed = candidate_of(grown, candidate)

    def make_error(of: Candidate) -> AnyObjective:
        return make_objective(of.stage, of.values, of.free, excerpts, sample_rate)

    objective = make_error(perturbed)
    cube = objective.cube(perturbed.values)
    index = objective.jacobian_indices()
    owned = owners(grown, marks)
    columns = [owned[i] for i in np.flatnonzero(perturbed.free)[index]]
    residual = objective.residual(cube)
    leaving = [
        leaving_out(candidate, target, make_error, residual)
        for target in targets(nodes)[:-1]
        if target.free
    ]
    rows = [objective.jacobian(cube, index), *(each.change[None] for each in leaving)]
    tangents = Tangents(Gram(np.concatenate([*rows, residual[None]])), columns)
    return Linearized(candidate, nodes, spots, leaving, tangents)
