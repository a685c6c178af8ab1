"""Filters that stand directly one after another: their order cannot be heard, nor their number."""

from collections.abc import Sequence
from dataclasses import dataclass

from fxchain.structure.canonical_tree import Node, Nodes, Unit
from fxchain.structure.places import Path, nodes_at, series, with_nodes_at


@dataclass(frozen=True)
class FilterRun:
    """Filters in a row, of which every control is free.

    Attributes:
        path: the series that they stand in
        first: the index of the first of them there
        units: the filters, and gains between them
    """

    path: Path
    first: int
    units: tuple[Unit, ...]

    @property
    def filters(self) -> tuple[Unit, ...]:
        """Return those that are no gains."""
        return tuple(unit for unit in self.units if unit.primitive.purpose != "level")

    def exchanged(self, nodes: Nodes, units: Sequence[Node]) -> Nodes:
        """Return a tree with others in the place of these."""
        there = nodes_at(nodes, self.path)
        end = self.first + len(self.units)
        return with_nodes_at(nodes, self.path, (*there[: self.first], *units, *there[end:]))


def filter_runs(nodes: Nodes) -> list[FilterRun]:
    """Return the longest runs of filters with a transfer function of few coefficients."""
    found = []
    for path, inside in series(nodes):
        run: list[Unit] = []
        for index, node in enumerate((*inside, None)):
            if node is not None and isinstance(node, Unit) and _is_section(node):
                run.append(node)
                continue
            if run:
                found.append(FilterRun(path, index - len(run), tuple(run)))
            run = []
    return found


def moved_runs(nodes: Nodes) -> list[Nodes]:
    """Return the trees in which one of the runs stands on the other side of the effect before it,
    or behind it."""
    found = []
    for run in filter_runs(nodes):
        there, end = nodes_at(nodes, run.path), run.first + len(run.units)
        before, behind = there[: run.first], there[end:]
        if not run.filters:
            continue
        if before and isinstance(before[-1], Unit):
            moved = (*before[:-1], *run.units, before[-1], *behind)
            found.append(with_nodes_at(nodes, run.path, moved))
        if behind and isinstance(behind[0], Unit):
            moved = (*before, behind[0], *run.units, *behind[1:])
            found.append(with_nodes_at(nodes, run.path, moved))
    return found


def _is_section(unit: Unit) -> bool:
    primitive = unit.primitive
    return primitive.nature == "filter" and primitive.sections is not None and unit.all_free
