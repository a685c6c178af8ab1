"""Gains moved towards the end of a chain, into what absorbs them.

A gain g behind a stage says the same as one before it where the stage is linear, or where a level
of the stage moves along: clip_t(g·x) = g·clip_{t/g}(x). A gain before a drive is part of the drive,
and one beside a mix or a reverb is part of their levels. So one factor is carried from the left to
the right: gains join it, drives take it, and mixes and reverbs, whose levels are brought to a sum
of 1, hand over theirs. What is left at the end goes back into the last of these, or is a gain.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fxchain.primitives import Primitive, get_primitive
from fxchain.stage import Effect
from fxchain.structure.canonical_tree import Branch, Node, Nodes, Split, Unit, scaled

_GAIN, _INVERT = get_primitive("gain"), get_primitive("invert")
#: Relative difference of numbers that count as equal.
ROUNDING = 1e-12


@dataclass(frozen=True)
class _Moved:
    """Nodes that a factor was carried through.

    Attributes:
        nodes: without what the factor took away
        factor: behind them
        left: how many gains had to be left between them
    """

    nodes: Nodes
    factor: float
    left: int = 0


def gains_moved(nodes: Sequence[Node]) -> Nodes:
    """Return nodes that sound the same with as few gains as can be."""
    moved = _carried(nodes, 1.0)
    return _with_factor(moved.nodes, moved.factor)


def gains_left_db(nodes: Sequence[Node], absorbed: bool) -> float:
    """Return how much gain is left between and behind nodes when gains are moved, dB.

    Args:
        nodes: the chain
        absorbed: what is left behind them goes into the weight of a branch
    """
    moved = _carried(nodes, 1.0).nodes if absorbed else gains_moved(nodes)
    return _gains_db(moved)


def _gains_db(nodes: Sequence[Node]) -> float:
    total = 0.0
    for node in nodes:
        if isinstance(node, Split):
            total += sum(_gains_db(branch.nodes) for branch in node.branches)
        elif node.factor():
            total += abs(_db(node.factor() or 1.0))
    return total


def gain_units(factor: float) -> Nodes:
    """Return an inversion where a factor is negative, and gains where it is not 1."""
    units = [Unit(Effect(_INVERT), (), ())] if factor < 0.0 else []
    level_db = _db(factor)
    most = _GAIN.spec("gain_db").high
    count = 0 if _is_one(abs(factor)) else math.ceil(abs(level_db) / most)
    units += [Unit(Effect(_GAIN), (level_db / count,), (True,)) for _ in range(count)]
    return tuple(units)


def _carried(nodes: Sequence[Node], factor: float) -> _Moved:
    """Carry a factor from before the nodes to behind them."""
    done: Nodes = ()
    left = 0
    for node in nodes:
        moved = _through(node, factor)
        if moved is None:
            waiting = _with_factor(done, factor)
            left += len(waiting) - len(done)
            done = waiting
            moved = _through(node, 1.0)
            assert moved is not None
        done, factor = (*done, *moved.nodes), moved.factor
        left += moved.left
    return _Moved(done, factor, left)


def _with_factor(nodes: Nodes, factor: float) -> Nodes:
    """Return nodes with a factor behind them: in the levels of one of them, or as a gain."""
    if _is_one(factor):
        return nodes
    absorbed = _absorbed(nodes, factor)
    if absorbed is not None:
        return absorbed
    absorbed = _absorbed(nodes, -factor) if factor < 0.0 else None
    return (*nodes, *gain_units(factor)) if absorbed is None else (*absorbed, *gain_units(-1.0))


def _absorbed(nodes: Nodes, factor: float) -> Nodes | None:
    """Return nodes with a factor behind them in the levels of the last that has such."""
    behind: Nodes = ()
    for index in reversed(range(len(nodes))):
        node = nodes[index]
        louder = _at_levels(node, factor)
        if louder is not None:
            return (*nodes[:index], louder, *behind)
        # the factor before this node instead of behind it
        passed = _passed(node, 1.0 / factor) if isinstance(node, Unit) else None
        if passed is None or passed.factor != 1.0 / factor:
            return None
        behind = (*passed.nodes, *behind)
    return None


def _at_levels(node: Node, factor: float) -> Node | None:
    """Return a mix or an effect with output levels, these multiplied; None where it cannot be."""
    if isinstance(node, Unit):
        levels = node.primitive.output_levels
        return node.at({name: node.named[name] * factor for name in levels}) if levels else None
    branches = [scaled(branch, factor) for branch in node.branches]
    kept = tuple(branch for branch in branches if branch is not None)
    return replace(node, branches=kept) if len(kept) == len(branches) else None


def _through(node: Node, factor: float) -> _Moved | None:
    """Carry a factor through one node; None where it has to stay before it."""
    if isinstance(node, Split):
        return _through_split(node, factor)
    own = node.factor()
    if own is None:
        own = _neutral_factor(node)
    if own is not None:
        return _Moved((), factor * own)
    passed = _passed(node, factor)
    if passed is None:
        return None
    return _handing_over(passed.nodes[0], passed.factor)


def _through_split(split: Split, factor: float) -> _Moved | None:
    """Carry a factor through a mix: into the weights of its branches, and their sum out of it."""
    alone, entered = _into_branches(split, 1.0), _into_branches(split, factor)
    if entered.left > alone.left:
        return None
    return _handing_over(entered.nodes[0], 1.0, entered.left)


def _into_branches(split: Split, factor: float) -> _Moved:
    """Carry a factor into the branches, and what comes out of each into its weight."""
    branches, left = [], 0
    for branch in split.branches:
        moved = _carried(branch.nodes, factor)
        left += moved.left
        if branch.free or _is_one(moved.factor):
            branches.append(Branch(branch.weight * moved.factor, branch.free, moved.nodes))
            continue
        nodes = _with_factor(moved.nodes, moved.factor)
        left += len(nodes) - len(moved.nodes)
        branches.append(replace(branch, nodes=nodes))
    return _Moved((replace(split, branches=tuple(branches)),), 1.0, left)


def _handing_over(node: Node, factor: float, left: int = 0) -> _Moved:
    """Return a node whose levels sum to 1, and the factor with what they summed to."""
    if isinstance(node, Unit):
        levels = [node.named[name] for name in node.primitive.output_levels]
    else:
        levels = [branch.weight for branch in node.branches]
        levels = levels if all(branch.free for branch in node.branches) else []
    total = math.fsum(map(abs, levels))
    if isinstance(node, Split) and levels and next((w for w in levels if w), 1.0) < 0.0:
        total = -total
    if total == 0.0 or _is_one(total):
        return _Moved((node,), factor, left)
    even = _at_levels(node, 1.0 / total)
    if even is None:
        return _Moved((node,), factor, left)
    return _Moved((even,), factor * total, left)


def _passed(unit: Unit, factor: float) -> _Moved | None:
    """Carry a factor through an effect that keeps it or takes it; None where it does neither."""
    primitive, values = unit.primitive, unit.named
    changed: dict[str, float] = {}
    if factor < 0.0:
        if primitive.polarity_flips is None:
            return None
        changed |= {name: -values[name] for name in primitive.polarity_flips}
    sign = math.copysign(1.0, factor)
    level_db = 0.0 if factor == sign else _db(factor)
    behind = factor
    if primitive.input_gain is not None:
        changed[primitive.input_gain] = values[primitive.input_gain] + level_db
        behind = sign
    elif primitive.gain_shifts is not None:
        shifts = primitive.gain_shifts.items()
        changed |= {name: values[name] + shift * level_db for name, shift in shifts}
    elif level_db:
        return None
    moved = unit.at(changed)
    return None if moved is None else _Moved((moved,), behind)


def _neutral_factor(unit: Unit) -> float | None:
    """Return the factor of an effect that does nothing else at its values; None if it does more."""
    neutral, levels = unit.primitive.neutral, unit.primitive.output_levels
    if neutral is None or not unit.all_free:
        return None
    values = unit.named
    share = 1.0
    if levels and set(levels) <= neutral.keys():
        share = sum(values[name] for name in levels) / sum(neutral[name] for name in levels)
    if share <= 0.0:
        return None
    wanted = {name: value * (share if name in levels else 1.0) for name, value in neutral.items()}
    return share if all(_close(unit.primitive, n, values[n], wanted[n]) for n in neutral) else None


def _close(primitive: Primitive, name: str, value: float, wanted: float) -> bool:
    spec = primitive.spec(name)
    return abs(value - wanted) <= ROUNDING * (spec.high - spec.low)


def _db(factor: float) -> float:
    return 20.0 * math.log10(abs(factor))


def _is_one(factor: float) -> bool:
    return abs(factor - 1.0) <= ROUNDING
