"""A clean branch beside a part of a series: `w·x + A(x)` in the place of `A(x)`."""

from dataclasses import dataclass

from fxchain.stage import WEIGHT
from fxchain.structure.canonical_tree import Branch, Nodes, Split
from fxchain.structure.places import Place, is_filter, nodes_at, with_nodes_at


@dataclass(frozen=True)
class CleanBranch:
    """A clean branch that may be put beside nodes.

    Attributes:
        begin: in front of the first of them
        end: how many nodes of their series stand in front of where the branches join
        weight: of the clean branch
    """

    begin: Place
    end: int
    weight: float

    def applied(self, nodes: Nodes) -> Nodes:
        """Return the tree with the branch."""
        path, first = self.begin.path, self.begin.index
        there = nodes_at(nodes, path)
        weight = min(max(self.weight, WEIGHT.low), WEIGHT.high)
        split = Split((Branch(weight, True), Branch(1.0, True, there[first : self.end])))
        return with_nodes_at(nodes, path, (*there[:first], split, *there[self.end :]))


def may_be_bypassed(nodes: Nodes, begin: Place, end: Place) -> bool:
    """Tell whether a clean branch from one place to another is an edit of its own.

    Beside filters alone it would be a filter more, and where filters stand before and behind a
    place it differs from one that begins or ends before or behind all of them by filters alone.
    """
    if begin.path != end.path or begin.index >= end.index:
        return False
    there = nodes_at(nodes, begin.path)
    between = there[begin.index : end.index]
    inside_a_run = any(
        0 < place.index < len(there)
        and all(map(is_filter, there[place.index - 1 : place.index + 1]))
        for place in (begin, end)
    )
    return not inside_a_run and not all(map(is_filter, between))
