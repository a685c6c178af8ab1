"""Which edits of a chain would lower its error most, by the tangents of its output.

With r the residual of a fitted chain, J its Jacobian, δ the change that an effect would make at a
place, carried through what follows, and Δ the change where a unit t is left out,

    E ≈ min ‖r + Δ_t + J_F·d + c·δ‖² + Σ λ_i·d_i²     over d and c,

F the knobs that are left and a gain at the place. All δ are found in one pass: `Perturbations`
stand at every place of the chain. So each edit costs the solution of a small system.

Source:
    orthogonal matching pursuit (Pati et al. 1993) with the tangents of a nonlinear chain in the
    place of a dictionary; Optimal Brain Surgeon (Hassibi and Stork 1993) for what is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.matching.search.insertion_spots import Spot
from fxchain.matching.search.linearization import Linearized
from fxchain.matching.search.tangents import Leaving, Tangents
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import Nodes, Split
from fxchain.structure.clean_branch import CleanBranch
from fxchain.structure.criterion import Complexity, complexity, price
from fxchain.structure.places import Place, Target, nodes_at
from fxchain.structure.proposal import Insertion, Proposal, amounts_allowed

#: The least multiple of a start that counts.
LEAST = 0.02
#: Where so much of the wet is unexplained, edits are foretold at its level, and an effect that
#: cannot be neutral may be inverted.
MOSTLY = 0.5
#: How many effects are inserted together at most, beginning with the best of so many kinds.
TOGETHER, EXTENDED = 3, 3


def propose(of: Linearized) -> list[Proposal]:
    """Return edits with the price that the tangents foretell, the least first."""
    tangents, nodes, candidate, spots = of.tangents, of.nodes, of.candidate, of.spots
    found = list(_insertions(tangents, nodes, candidate, spots))
    found += _further(tangents, nodes, candidate, spots, found)
    found += _clean_branches(tangents, candidate, spots)
    for number, each in enumerate(of.leaving):
        found += _removals(tangents, nodes, candidate, spots, (number, each))
    return sorted(found, key=lambda proposal: proposal.price)


@dataclass(frozen=True)
class _Base:
    """What insertions are added to.

    Attributes:
        leaving: number of what is left out, and that; None: nothing
        before: insertions that are made already
        columns: their columns
    """

    leaving: tuple[int, Leaving] | None = None
    before: tuple[Insertion, ...] = ()
    columns: tuple[int, ...] = ()


def _insertions(
    tangents: Tangents,
    nodes: Nodes,
    candidate: Candidate,
    spots: Sequence[Spot],
    base: _Base = _Base(),
) -> Iterator[Proposal]:
    """Yield every insertion, in the place of what leaves or beside all that is there."""
    number, gone = base.leaving if base.leaving is not None else (None, None)
    known = np.append(tangents.knobs(gone.target if gone else None), base.columns).astype(int)
    size = complexity(candidate)
    for spot in spots:
        if gone is not None and _within(spot.place, gone.target):
            continue
        columns = tangents.of(spot)
        if not len(columns):
            continue
        tried = columns[1 : 1 + len(spot.units)]
        left, energies, alongs = tangents.solved(np.append(known, columns[0]), number, tried)
        for unit, level_db, energy, along in zip(
            spot.units, spot.levels_db, energies, alongs, strict=True
        ):
            amount = -along / energy
            if unit.primitive.neutral is not None:
                low, high = amounts_allowed(unit)
                amount = min(max(amount, low), high)
            inverted = amount < 0.0 and unit.primitive.neutral is None
            unexplained = max(left, candidate.loss or 0.0)
            if abs(amount) < LEAST or (inverted and unexplained < MOSTLY):
                continue
            loss = float(max(left + 2.0 * amount * along + amount**2 * energy, 0.0))
            made = (*base.before, Insertion(spot.place, unit, float(amount), level_db))
            knobs = size.knobs + sum(sum(each.unit.free) for each in made)
            stages = size.stages + len(made)
            if gone is not None:
                knobs, stages = knobs - gone.target.count, stages - _effects(nodes, gone.target)
            yield Proposal(
                made,
                gone.target if gone else None,
                gone.gain_db if gone else 0.0,
                loss,
                price(loss, Complexity(knobs, stages)),
            )


def _clean_branches(
    tangents: Tangents, candidate: Candidate, spots: Sequence[Spot]
) -> Iterator[Proposal]:
    """Yield every clean branch, with the level of what it stands beside."""
    size = complexity(candidate)
    more = Complexity(size.knobs + 2, size.stages)
    for spot in spots:
        columns = tangents.of(spot)
        if not spot.begins or not len(columns):
            continue
        known = np.append(tangents.knobs(), columns[0]).astype(int)
        tried = columns[1 + len(spot.units) :]
        left, energies, alongs = tangents.solved(known, None, tried)
        for begin, energy, along in zip(spot.begins, energies, alongs, strict=True):
            weight = -along / energy
            if abs(weight) < LEAST:
                continue
            loss = float(max(left - along**2 / energy, 0.0))
            clean = CleanBranch(begin.place, spot.place.index, float(weight))
            yield Proposal((), None, 0.0, loss, price(loss, more), clean)


def _further(
    tangents: Tangents,
    nodes: Nodes,
    candidate: Candidate,
    spots: Sequence[Spot],
    single: Sequence[Proposal],
) -> Iterator[Proposal]:
    """Yield, for the best insertion of each kind, the insertions that go best with it."""
    best: dict[str, Proposal] = {}
    for proposal in sorted(single, key=lambda each: each.price):
        best.setdefault(proposal.kind, proposal)
    for start in list(best.values())[:EXTENDED]:
        proposal = start
        for _ in range(TOGETHER - 1):
            columns = tuple(tangents.column(each) for each in proposal.insertions)
            base = _Base(before=proposal.insertions, columns=columns)
            more = _insertions(tangents, nodes, candidate, spots, base)
            found = min(more, key=lambda each: each.price, default=proposal)
            if found.price >= proposal.price:
                break
            proposal = found
            yield proposal


def _removals(
    tangents: Tangents,
    nodes: Nodes,
    candidate: Candidate,
    spots: Sequence[Spot],
    leaving: tuple[int, Leaving],
) -> Iterator[Proposal]:
    """Yield a removal, and every insertion instead of what leaves."""
    number, each = leaving
    known = tangents.knobs(each.target)
    loss, _, _ = tangents.solved(known, number, np.zeros(0, dtype=int))
    before = complexity(candidate)
    left = Complexity(
        before.knobs - each.target.count, before.stages - _effects(nodes, each.target)
    )
    yield Proposal((), each.target, each.gain_db, loss, price(loss, left))
    if each.target.branch is None and not _is_mix(nodes, each.target):
        yield from _insertions(tangents, nodes, candidate, spots, _Base(leaving))


def _is_mix(nodes: Nodes, target: Target) -> bool:
    return isinstance(nodes_at(nodes, target.place.path)[target.place.index], Split)


def _within(place: Place, target: Target) -> bool:
    """Tell whether a place lies inside a target."""
    path, depth = target.place.path, len(target.place.path)
    inside = place.path[:depth] == path and len(place.path) > depth
    return inside and place.path[depth][0] == target.place.index


def _effects(nodes: Nodes, target: Target) -> int:
    """Return how many effects a target has."""
    node = nodes_at(nodes, target.place.path)[target.place.index]
    if target.branch is None or not isinstance(node, Split):
        return _size((node,))
    return _size(node.branches[target.branch].nodes)


def _size(nodes: Nodes) -> int:
    return sum(
        sum(_size(branch.nodes) for branch in node.branches) if isinstance(node, Split) else 1
        for node in nodes
    )
