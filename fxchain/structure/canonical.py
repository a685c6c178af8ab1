"""The canonical form of a chain: one of the many chains that sound exactly the same."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.primitives import get_primitive
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_levels import ROUNDING, gain_units, gains_moved
from fxchain.structure.canonical_order import branches_sorted, limits_moved, runs_sorted
from fxchain.structure.canonical_shelves import shelves_turned
from fxchain.structure.canonical_tree import (
    Branch,
    Node,
    Nodes,
    Split,
    Unit,
    candidate_of,
    nodes_of,
    same,
    unlocked,
)

#: One rule may make room for another; so often they are applied at most.
_PASSES = 12


def canonical(candidate: Candidate) -> Candidate:
    """Return the canonical form of a candidate.

    Chains in chains are flattened, effects at neutral values left out, gains moved and absorbed
    (`canonical_levels`), shelves turned (`canonical_shelves`), limits and linear runs put in order
    (`canonical_order`), mixes of one branch, of equal branches and of mixes simplified. Each of
    these is exact, and follows from what the primitives state. A locked value (not free) is never
    changed, nor its stage left out.

    Args:
        candidate: any; its loss is kept

    Returns:
        a candidate whose stage is a chain
    """
    found = candidate_of(nodes_of(candidate), candidate)
    for _ in range(_PASSES):
        then = candidate_of(_rewritten(nodes_of(found)), candidate)
        settled = then.stage == found.stage and np.allclose(
            then.values, found.values, rtol=1e3 * ROUNDING, atol=1e3 * ROUNDING
        )
        if settled:
            break
        found = then
    return found


def _rewritten(nodes: Sequence[Node]) -> Nodes:
    """Apply every rule once, from the inside."""
    simpler = shelves_turned([each for node in nodes for each in _simplified(node)])
    return runs_sorted(limits_moved(gains_moved(simpler)))


def _simplified(node: Node) -> Nodes:
    if isinstance(node, Unit):
        return (_specialized(node),)
    inside = [replace(branch, nodes=_inner(branch)) for branch in node.branches]
    flat = [each for branch in inside for each in _flattened(branch)]
    heard = [branch for branch in flat if not _silent(branch)] or flat[:1]
    branches = branches_sorted(_merged(heard))
    if len(branches) == 1 and branches[0].free and branches[0].weight != 0.0:
        return (*branches[0].nodes, *gain_units(branches[0].weight))
    blended = _blended(branches)
    return (Split(branches, node.id),) if blended is None else blended


def _inner(branch: Branch) -> Nodes:
    """Return the nodes of a branch; their gains are left for the weight."""
    simpler: Sequence[Node] = [each for node in branch.nodes for each in _simplified(node)]
    if branch.free:
        simpler = shelves_turned(simpler, absorbed=True)
    return runs_sorted(limits_moved(simpler))


def _specialized(unit: Unit) -> Unit:
    """Return the simpler effect that an effect equals at its values, if there is one."""
    primitive = unit.primitive
    if primitive.generalizes is None or not unit.all_free:
        return unit
    simple = get_primitive(primitive.generalizes)
    values = unit.named
    kept = [spec.name for spec in simple.parameters]
    rest = [spec for spec in primitive.parameters if spec.name not in kept]
    if any(values[spec.name] != spec.default for spec in rest):
        return unit
    exchanged = Effect(simple, {}, unit.effect.id)
    return Unit(exchanged, tuple(values[name] for name in kept), (True,) * len(kept))


def _blended(branches: Sequence[Branch]) -> Nodes | None:
    """Return an effect beside the clean signal as that effect, where it blends with it by itself.

    With output levels l that are neutral at n, v + w·f_l = f_(w·l + v·n). Where the output is
    affine in the one control m that is 0 at rest, v + w·f_m = (v + w)·f_(w·m / (v + w)).
    """
    if len(branches) != 2 or branches[0].nodes or len(branches[1].nodes) != 1:
        return None
    unit, (clean, wet) = branches[1].nodes[0], branches
    if not isinstance(unit, Unit) or not (clean.free and wet.free and unit.all_free):
        return None
    levels, neutral = unit.primitive.output_levels, unit.primitive.neutral or {}
    values = unit.named
    if levels and neutral.keys() == set(levels):
        blend = {n: wet.weight * values[n] + clean.weight * neutral[n] for n in levels}
        factor = math.fsum(map(abs, blend.values()))
        changed = {name: value / factor for name, value in blend.items()} if factor else {}
    elif list(neutral.values()) == [0.0] and neutral.keys() <= unit.primitive.affine:
        factor = clean.weight + wet.weight
        changed = {n: wet.weight * values[n] / factor for n in neutral} if factor else {}
    else:
        return None
    moved = unit.at(changed) if changed else None
    return None if moved is None else (moved, *gain_units(factor))


def _flattened(branch: Branch) -> list[Branch]:
    """Return the branches of a mix that is a branch by itself."""
    if len(branch.nodes) != 1 or not isinstance(branch.nodes[0], Split) or not branch.free:
        return [branch]
    inner = branch.nodes[0].branches
    if not all(each.free for each in inner):
        return [branch]
    return [replace(each, weight=branch.weight * each.weight) for each in inner]


def _silent(branch: Branch) -> bool:
    return branch.free and branch.weight == 0.0 and unlocked(branch.nodes)


def _merged(branches: Sequence[Branch]) -> list[Branch]:
    """Return the branches, equal ones as one with the sum of their weights."""
    found: list[Branch] = []
    for branch in branches:
        for index, other in enumerate(found):
            if branch.free and other.free and _equal(branch.nodes, other.nodes):
                found[index] = replace(other, weight=other.weight + branch.weight)
                break
        else:
            found.append(branch)
    return found


def _equal(one: Nodes, other: Nodes) -> bool:
    return len(one) == len(other) and all(map(same, one, other))
