"""A table of figures, as Markdown and pages show it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        title: what it is about
        head: the columns' names
        lines: cells, one line each; none: `otherwise` stands instead
        best: line and column of the cells to be pointed out
        otherwise: said where there are no lines
    """

    title: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    best: frozenset[tuple[int, int]] = frozenset()
    otherwise: str = ""
