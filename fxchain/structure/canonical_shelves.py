"""Shelves from below and from above, which are the same but for a gain.

Raising everything below a frequency is lowering everything above it, then a gain. Where a gain
stands behind a shelf, or what absorbs one, these cannot be told. The form that is chosen leaves the
least gain, then changes the middle of the spectrum least.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np

from fxchain.primitives import get_primitive
from fxchain.stage import Effect
from fxchain.structure.canonical_levels import gain_units, gains_left_db
from fxchain.structure.canonical_tree import Node, Nodes, Unit
from fxchain.structure.filter_response import response_of

#: Up to so many shelves every combination of sides is tried; of more, one after the other.
_MOST = 4
_GAIN = "gain_db"
#: Hz; the response of a shelf is that of an analog one, warped by this rate.
_RATE = 44_100.0
_MIDDLE_HZ = 632.0


def shelves_turned(nodes: Sequence[Node], absorbed: bool = False) -> Nodes:
    """Return nodes with each shelf from the side that is chosen, and gains behind those turned.

    Args:
        nodes: the chain
        absorbed: what gain is left at the end goes into the weight of a branch
    """
    shelves = {
        index: turned for index, turned in enumerate(map(_turned, nodes)) if turned is not None
    }
    wide = {at: _at_middle_db(nodes[at]) > _at_middle_db(shelves[at][0]) for at in shelves}

    def made(turns: frozenset[int]) -> Nodes:
        parts = ((shelves[at] if at in turns else (node,)) for at, node in enumerate(nodes))
        return tuple(each for part in parts for each in part)

    def cost(turns: frozenset[int]) -> tuple[float, int, list[int]]:
        left_db = round(gains_left_db(made(turns), absorbed), 6)
        return left_db, sum(wide[at] != (at in turns) for at in shelves), sorted(turns)

    if not shelves:
        return tuple(nodes)
    if len(shelves) <= _MOST:
        sides = product((False, True), repeat=len(shelves))
        tried = [
            frozenset(at for at, turn in zip(shelves, each, strict=True) if turn) for each in sides
        ]
        return made(min(tried, key=cost))
    best: frozenset[int] = frozenset()
    for at in shelves:
        best = min(best, best ^ {at}, key=cost)
    return made(best)


def _turned(node: Node) -> Nodes | None:
    """Return the shelf from the other side and a gain; None for anything else."""
    if not isinstance(node, Unit) or node.primitive.complement is None or not node.all_free:
        return None
    level_db = node.named[_GAIN]
    other = get_primitive(node.primitive.complement)
    values = {**node.named, _GAIN: -level_db}
    unit = Unit(
        Effect(other, {}, node.effect.id),
        tuple(values[spec.name] for spec in other.parameters),
        node.free,
    )
    return (unit, *gain_units(10.0 ** (level_db / 20.0)))


def _at_middle_db(node: Node) -> float:
    """Return how much a filter changes the middle of the spectrum, dB."""
    assert isinstance(node, Unit)
    (response,) = response_of((node,), np.array([_MIDDLE_HZ]), _RATE)
    return float(abs(20.0 * np.log10(np.abs(response) + 1e-12)))
