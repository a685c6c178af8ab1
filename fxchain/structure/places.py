"""Places in a tree of units, and what stands at them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fxchain.structure.canonical_tree import Branch, Node, Nodes, Split

#: For each mix around a place its number in its series and the number of the branch.
Path = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Place:
    """A place in a series of nodes.

    Attributes:
        path: the series; empty: the main line
        index: how many of its nodes stand before
    """

    path: Path
    index: int


@dataclass(frozen=True)
class Target:
    """A node or the branch of a mix that may be left out.

    Attributes:
        place: in front of the node
        branch: number of the branch; None: the node itself
        first: number of its first value in the chain
        count: how many values it has
        free: all of them may move
    """

    place: Place
    branch: int | None
    first: int
    count: int
    free: bool


def series(nodes: Nodes, path: Path = ()) -> Iterator[tuple[Path, Nodes]]:
    """Yield every series of nodes with its path, the main line first."""
    yield path, nodes
    for index, node in enumerate(nodes):
        if isinstance(node, Split):
            for number, branch in enumerate(node.branches):
                yield from series(branch.nodes, (*path, (index, number)))


def places(nodes: Nodes) -> list[Place]:
    """Return every place where a node can be inserted."""
    return [Place(path, i) for path, inside in series(nodes) for i in range(len(inside) + 1)]


def nodes_at(nodes: Nodes, path: Path) -> Nodes:
    """Return the series at a path."""
    for index, number in path:
        nodes = _split(nodes, index).branches[number].nodes
    return nodes


def with_nodes_at(nodes: Nodes, path: Path, new: Nodes) -> Nodes:
    """Return the tree with another series at a path."""
    if not path:
        return new
    (index, number), below = path[0], path[1:]
    split = _split(nodes, index)
    branch = split.branches[number]
    changed = replace(branch, nodes=with_nodes_at(branch.nodes, below, new))
    branches = (*split.branches[:number], changed, *split.branches[number + 1 :])
    return (*nodes[:index], replace(split, branches=branches), *nodes[index + 1 :])


def _split(nodes: Nodes, index: int) -> Split:
    node = nodes[index]
    if not isinstance(node, Split):
        raise IndexError(f"the node {index} is no mix")
    return node


def inserted(nodes: Nodes, place: Place, new: Sequence[Node]) -> Nodes:
    """Return the tree with nodes inserted at a place."""
    there = nodes_at(nodes, place.path)
    changed = (*there[: place.index], *new, *there[place.index :])
    return with_nodes_at(nodes, place.path, changed)


def exchanged(nodes: Nodes, target: Target, new: Sequence[Node]) -> Nodes:
    """Return the tree with nodes in the place of a node, or without a branch of a mix."""
    there, index = nodes_at(nodes, target.place.path), target.place.index
    if target.branch is not None:
        split = _split(there, index)
        left = (*split.branches[: target.branch], *split.branches[target.branch + 1 :])
        new = (replace(split, branches=left), *new)
    return with_nodes_at(nodes, target.place.path, (*there[:index], *new, *there[index + 1 :]))


def is_filter(node: Node) -> bool:
    """Tell whether a node is linear and time-invariant."""
    if isinstance(node, Split):
        return all(is_filter(each) for branch in node.branches for each in branch.nodes)
    return node.primitive.nature == "filter"


def run_start(nodes: Nodes, place: Place) -> Place:
    """Return the place before the filters that stand directly before a place."""
    there, index = nodes_at(nodes, place.path), place.index
    while index > 0 and is_filter(there[index - 1]):
        index -= 1
    return Place(place.path, index)


def targets(nodes: Nodes, path: Path = (), first: int = 0) -> list[Target]:
    """Return every node, and every branch of a mix, with the values that it has."""
    found: list[Target] = []
    for index, node in enumerate(nodes):
        place, size = Place(path, index), values_in(node)
        found.append(Target(place, None, first, size, _free(node)))
        if isinstance(node, Split):
            at = first
            for number, branch in enumerate(node.branches):
                count = 1 + sum(map(values_in, branch.nodes))
                free = branch.free and all(map(_free, branch.nodes))
                found.append(Target(place, number, at, count, free))
                found += targets(branch.nodes, (*path, (index, number)), at + 1)
                at += count
        first += size
    return found


def values_in(node: Node) -> int:
    """Return how many values a node has."""
    if isinstance(node, Split):
        return sum(1 + sum(map(values_in, branch.nodes)) for branch in node.branches)
    return len(node.values)


def _free(node: Node) -> bool:
    if isinstance(node, Split):
        return all(_is_free(branch) for branch in node.branches)
    return node.all_free


def _is_free(branch: Branch) -> bool:
    return branch.free and all(map(_free, branch.nodes))


def signature(nodes: Nodes) -> str:
    """Return what the structures have in common that differ in the order of filters only."""
    words: list[str] = []
    run: list[str] = []
    for node in nodes:
        word = _word(node)
        if is_filter(node):
            run.append(word)
        else:
            words += [*sorted(run), word]
            run = []
    return " ".join([*words, *sorted(run)])


def _word(node: Node) -> str:
    if isinstance(node, Split):
        return f"({' | '.join(sorted(signature(branch.nodes) for branch in node.branches))})"
    return node.primitive.kind


def species(nodes: Nodes) -> str:
    """Return the kinds of a chain's effects that are no filters, in signal order."""
    kinds: list[str] = []
    for node in nodes:
        if isinstance(node, Split):
            kinds += [species(branch.nodes) for branch in node.branches]
        elif not is_filter(node):
            kinds.append(node.primitive.kind)
    return " ".join(kind for kind in kinds if kind)
