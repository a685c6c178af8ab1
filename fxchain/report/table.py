"""A table of figures for Markdown and HTML."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        title: its heading
        head: the columns' names
        lines: the cells of each line
        best: line and column of the highlighted cells
        otherwise: the text in place of a table without lines
    """

    title: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    best: frozenset[tuple[int, int]] = frozenset()
    otherwise: str = ""
