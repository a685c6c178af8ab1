"""Two chains of one ancestor crossed: a part of one in the place of that of the other.

Effects with the same id and kind are the same innovation and stand for each other; between them the
chains differ in some parts. Each child is one chain with one such part of the other.

Source:
    the alignment by innovation marks in Stanley and Miikkulainen, "Evolving neural networks
    through augmenting topologies", 2002.
"""

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_tree import Node, Split, candidate_of, nodes_of
from fxchain.structure.places import signature
from fxchain.structure.removal import with_level


def crossed(one: Candidate, other: Candidate) -> Iterator[Candidate]:
    """Yield the first chain with one part of the second, for each part but all of them.

    Args:
        one: gives the values of what both have
        other: gives a part

    Returns:
        candidates that are not evaluated, in canonical form, with a gain for their level; none
        where the two differ in one part only, since that child would be the other one
    """
    mine, others = nodes_of(one), nodes_of(other)
    matcher = SequenceMatcher(None, [*map(_mark, mine)], [*map(_mark, others)], autojunk=False)
    parts = [found for found in matcher.get_opcodes() if found[0] != "equal"]
    if len(parts) < 2:
        return
    for _, start, end, first, last in parts:
        nodes = (*mine[:start], *others[first:last], *mine[end:])
        yield with_level(replace(canonical(candidate_of(nodes, one)), loss=None))


def _mark(node: Node) -> str:
    """Return what a node has in common with its descendants and with no other."""
    if isinstance(node, Split):
        return f"{node.id} {signature((node,))}"
    return f"{node.effect.id} {node.primitive.kind}"
