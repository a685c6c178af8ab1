"""What may stand in any order, put into one: linear runs, limits beside drives, branches."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import torch

from fxchain.player import Playback
from fxchain.primitives import PURPOSES
from fxchain.structure.canonical_tree import Branch, Node, Nodes, Split, Unit

Key = tuple[int, int, str, float, str]


def is_linear(node: Node) -> bool:
    """Tell whether a node is linear and time-invariant."""
    if isinstance(node, Unit):
        return node.primitive.nature == "filter"
    return all(is_linear(each) for branch in node.branches for each in branch.nodes)


def runs_sorted(nodes: Sequence[Node]) -> Nodes:
    """Return nodes with each run of linear ones in the order of `_key`.

    Filters that treat every channel alike commute. Of those that do not, the order stays.
    """
    found: list[Node] = []
    for linear, group in groupby(nodes, is_linear):
        run = list(group)
        found += _sorted_run(run) if linear else run
    return tuple(found)


def limits_moved(nodes: Sequence[Node]) -> Nodes:
    """Return nodes with limits behind the drives beside them, and two limits as one.

    For an odd and increasing f: f(clip_t(x)) = clip_{f(t)}(f(x)).
    """
    found = list(nodes)
    index = 0
    while index + 1 < len(found):
        pair = _exchanged(found[index], found[index + 1])
        if pair is None:
            index += 1
            continue
        found[index : index + 2] = pair
        index = max(index - 1, 0)
    return tuple(found)


def branches_sorted(branches: Sequence[Branch]) -> tuple[Branch, ...]:
    """Return the branches of a mix, the shortest first."""
    return tuple(sorted(branches, key=_branch_key))


def _exchanged(first: Node, then: Node) -> Sequence[Node] | None:
    """Return what stands in the place of two neighbours; None where they stay."""
    if not isinstance(first, Unit) or not isinstance(then, Unit):
        return None
    limit = first.primitive.limit
    if limit is None or not then.primitive.odd_increasing:
        return None
    if then.primitive.limit is not None:
        if not first.all_free or not then.all_free:
            return None
        lower = min(first.named[limit], then.named[then.primitive.limit])
        merged = then.at({then.primitive.limit: lower})
        return None if merged is None else [merged]
    output_db = _curve_db(then, first.named[limit])
    moved = first.at({limit: output_db})
    return None if moved is None else [then, moved]


def _curve_db(unit: Unit, input_db: float) -> float:
    """Return the level that a memoryless effect gives for a level, dB."""
    level = torch.full((1, 1, 1), 10.0 ** (input_db / 20.0), dtype=torch.float64)
    values = torch.tensor([unit.values], dtype=torch.float64)
    output = float(unit.effect.process(level, Playback(44_100.0), values))
    return 20.0 * math.log10(max(output, 1e-30))


@dataclass(frozen=True)
class _Keyed:
    node: Node
    key: Key


def _sorted_run(run: list[Node]) -> list[Node]:
    keyed: list[_Keyed] = []
    last: Key | None = None
    for node in run:
        key = _key(node)
        if _treats_channels_apart(node):  # behind the one before it
            key = last = key if last is None else max(last, key)
        keyed.append(_Keyed(node, key))
    return [each.node for each in sorted(keyed, key=lambda each: each.key)]


def _treats_channels_apart(node: Node) -> bool:
    if isinstance(node, Unit):
        return node.primitive.cross_channel or bool(node.effect.assets)
    return any(_treats_channels_apart(each) for branch in node.branches for each in branch.nodes)


def _key(node: Node) -> Key:
    """Return where an effect stands in a linear run.

    Filters of the tone come first: those without a gain, then bands by frequency; mixes, rooms and
    gains follow.
    """
    if isinstance(node, Split):
        return (1, 0, "", 0.0, "")
    primitive = node.primitive
    rank = 0 if primitive.purpose == "tone" else 2 + PURPOSES.index(primitive.purpose)
    hertz = [
        value
        for spec, value in zip(primitive.parameters, node.values, strict=True)
        if spec.unit == "Hz"
    ]
    frequency = hertz[0] if hertz else 0.0
    is_band = rank == 0 and primitive.neutral is not None
    if is_band:
        return (rank, 1, "", frequency, primitive.kind)
    level = 3 + len(PURPOSES) if primitive.purpose == "level" else rank
    return (level, 0, primitive.kind, frequency, "")


def _branch_key(branch: Branch) -> tuple[int, list[Key]]:
    return (_effect_count(branch.nodes), [_key(node) for node in branch.nodes])


def _effect_count(nodes: Sequence[Node]) -> int:
    return sum(
        1
        if isinstance(node, Unit)
        else sum(_effect_count(branch.nodes) for branch in node.branches)
        for node in nodes
    )
