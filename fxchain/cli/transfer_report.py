"""A transfer on the terminal: how near it comes, the chain, levels, what to know."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fxchain.cli.show import tree_of

if TYPE_CHECKING:
    from fxchain.matching.result import Match

_COLUMNS = {"unprocessed": "input", "level_only": "its level changed", "matched": "match"}


def report(found: "Match", where: str) -> None:
    """Print a transfer that was written to a folder."""
    console = Console(highlight=False)
    if found.metrics["distances"] is not None:
        console.print(distances_table(found.metrics["distances"]))
        console.print(_likeness(found.metrics["unlikeness"]))
    console.print(_levels(found.metrics))
    console.print(tree_of(found.preset, "the chain that was found"))
    for stage in found.metrics["without_twin"]:
        console.print(f"[yellow]no pedalboard plugin:[/] {escape(stage)}; board.py has it in numpy")
    for warning in found.metrics["warnings"]:
        console.print(f"[yellow]note:[/] {escape(warning)}")
    audio = " ".join(found.audio)
    console.print(
        f"written to [bold]{escape(where)}[/]: preset.json board.py {escape(audio)} metrics.json"
    )


def distances_table(distances: dict[str, dict[str, float]]) -> Table:
    """Return how far input and match are from the references, by what is compared."""
    title = "distance from the references (1: as far as two sections of one recording)"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in _COLUMNS.values():
        table.add_column(name, justify="right")
    for loss in distances["matched"]:
        cells = [f"{distances[column][loss] ** 0.5:.2f}" for column in _COLUMNS]
        table.add_row(loss, *cells)
    return table


def _likeness(unlikeness: float | None) -> str:
    """Return how alike the contents seem, in words."""
    if unlikeness is None:
        return ""
    words = (
        "much like sections of one recording: the references are followed closely"
        if unlikeness < 0.35
        else "somewhat different: the references are followed in part"
        if unlikeness < 0.7
        else "of different instruments: the references are followed with caution"
    )
    return f"the contents seem {words} (unlikeness {unlikeness:.2f})"


def _levels(metrics: dict[str, Any]) -> str:
    """Return loudness and peak before and after."""
    loudness, peak = metrics["loudness_lufs"], metrics["peak_dbfs"]
    shown = {name: "–" if loudness[name] is None else f"{loudness[name]:.1f}" for name in peak}
    return (
        f"loudness {shown['input']} → [bold]{shown['matched']}[/] LUFS, "
        f"peak {peak['input']:.1f} → [bold]{peak['matched']:.1f}[/] dBFS"
    )
