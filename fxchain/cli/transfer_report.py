"""A transfer on the terminal: distances, the chain, levels, warnings."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fxchain.cli.numpy_stages import numpy_sentence
from fxchain.cli.show import tree_of
from fxchain.report.style_words import COLUMNS, facts, likeness, rows

if TYPE_CHECKING:
    from fxchain.session.result import Match


def report(found: "Match", where: str) -> None:
    """Print a transfer that was written to a folder."""
    console = Console(highlight=False)
    metrics = found.metrics
    if metrics["distances"] is not None:
        console.print(distances_table(metrics))
    if sentence := likeness(metrics):
        console.print(sentence)
    for name, value in facts(metrics):
        console.print(f"{name.lower()}: [bold]{escape(value)}[/]")
    console.print(tree_of(found.preset, "the chain that was found"))
    if stages := metrics["without_twin"]:
        console.print(f"[yellow]note:[/] {escape(numpy_sentence(stages, 'board.py'))}")
    for warning in metrics["warnings"]:
        console.print(f"[yellow]note:[/] {escape(warning)}")
    audio = " ".join(found.audio)
    console.print(
        f"written to [bold]{escape(where)}[/]: preset.json board.py {escape(audio)} metrics.json "
        "report.html"
    )


def distances_table(metrics: dict[str, Any]) -> Table:
    """Return how far input and match are from the references, by what is compared."""
    title = "distance from the references (1: as far as two sections of one recording)"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in COLUMNS.values():
        table.add_column(name, justify="right")
    for loss, cells in rows(metrics):
        table.add_row(loss, *cells)
    return table
