"""A match on the terminal: figures beside the baselines, the chain, warnings."""

import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fxchain.cli.numpy_stages import numpy_sentence
from fxchain.cli.show import redundancies, tree_of
from fxchain.wording import counted

if TYPE_CHECKING:
    from fxchain.session.result import Match

_PARTS = {"fitted": "fitted", "held_out": "held out"}
_BASELINES = {
    "unprocessed": "unprocessed",
    "best_gain": "best gain",
    "best_linear_filter": "best linear filter",
}


def report(found: "Match", where: str) -> None:
    """Print a match that was written to a folder."""
    console = Console(highlight=False)
    console.print(figures_table(found.metrics))
    console.print(_alignment(found.metrics))
    if "device" in found.metrics:
        console.print(device_table(found.metrics["device"]))
    console.print(tree_of(found.preset, "the chain that was found"))
    for line in redundancies(found.preset):
        console.print(line)
    for finding in found.metrics["findings"]:
        console.print(f"found: {escape(finding['sentence'])}")
    if stages := found.metrics["without_twin"]:
        console.print(f"[yellow]note:[/] {escape(numpy_sentence(stages, 'board.py'))}")
    for warning in found.metrics["warnings"]:
        console.print(f"[yellow]note:[/] {escape(warning)}")
    if found.metrics["front"]:
        console.print(front_table(found.metrics["front"], where))
    files = " ".join(found.files)
    console.print(f"written to [bold]{escape(where)}[/]: {escape(files)} report.html")
    page = Path(where) / "report.html"
    console.print(
        f"next: open {escape(str(page))} in a browser, to listen and compare", soft_wrap=True
    )


def figures_table(metrics: dict[str, Any]) -> Table:
    """Return the match beside the baselines, on what was fitted and on what was held out."""
    table = Table(title="in plain pedalboard, from the exported board", title_justify="left")
    table.add_column("part")
    table.add_column("")
    for name in ("ESR", "ESR, dB", "MR-STFT", "loudness, dB"):
        table.add_column(name, justify="right")
    for part, title in _PARTS.items():
        rows = {"match": metrics} | {
            name: metrics["baselines"][key] for key, name in _BASELINES.items()
        }
        for name, figures in rows.items():
            style = "bold" if name == "match" else None
            table.add_row(title, name, *_cells(figures[part]), style=style)
            title = ""
        table.add_section()
    return table


def device_table(device: dict[str, Any]) -> Table:
    """Return the errors of a device at positions that were left out, beside what else is there.

    Args:
        device: as `metrics.json` has it
    """
    captured = f"in the median {device['captured_median']:.3g} at captured positions"
    table = Table(
        title="ESR at positions left out",
        title_justify="left",
        caption=captured,
        caption_justify="left",
    )
    table.add_column("position")
    for name in ("macros", "nearest position", "each fitted by itself, interpolated"):
        table.add_column(name, justify="right")
    for row in device["left_out"]:
        figures = (f"{row[name]:.3g}" for name in ("esr", "nearest", "separate"))
        table.add_row(f"{escape(row['knob'])} = {row['position']:g}", *figures)
    if not device["left_out"]:
        table.add_row("none lies between others", "–", "–", "–")
    return table


def front_table(chains: list[dict[str, Any]], where: str) -> Table:
    """Return the chains that may be taken instead.

    Args:
        chains: as `metrics.json` has them
        where: the folder of the match
    """
    table = Table(
        title="the chains to choose from",
        title_justify="left",
        caption=f"another one: fxchain simplify {escape(shlex.quote(where))} --knobs N --out DIR",
        caption_justify="left",
    )
    for name in ("knobs", "stages", "error, dB"):
        table.add_column(name, justify="right")
    table.add_column("effects")
    for each in chains:
        kinds = list(dict.fromkeys(each["effects"]))
        table.add_row(
            f"{each['knobs']}",
            f"{each['stages']}",
            f"{10 * math.log10(max(each['judged_error'], 1e-12)):.1f}",
            escape(", ".join(kinds)),
            style="bold" if each["chosen"] else None,
        )
    return table


def _cells(figures: dict[str, float] | None) -> list[str]:
    """Return the figures of one row."""
    if figures is None:
        return ["–"] * 4
    esr = figures["esr"]
    return [
        f"{esr:.3g}",
        f"{10 * math.log10(max(esr, 1e-20)):.1f}",
        f"{figures['mr_stft']:.3f}",
        f"{figures['loudness_error_db']:+.2f}",
    ]


def pairs_table(metrics: dict[str, Any]) -> Table:
    """Return what was found about each of several pairs; the figures above are their means."""
    title = f"ESR of each pair (fit against board: {metrics['null_depth_db']:.0f} dB)"
    table = Table(title=title, title_justify="left")
    table.add_column("pair")
    for name in ("fitted", "held out", "latency", "sign", "confidence", "gain, dB"):
        table.add_column(name, justify="right")
    for pair in metrics["pairs"]:
        held_out = pair["held_out"]
        table.add_row(
            escape(pair["id"]),
            f"{pair['fitted']['esr']:.3g}",
            "–" if held_out is None else f"{held_out['esr']:.3g}",
            f"{pair['latency_samples']}",
            "+" if pair["polarity"] > 0 else "-",
            f"{pair['alignment_confidence']:.2f}",
            f"{pair['gain_db']:+.2f}",
        )
    return table


def _alignment(metrics: dict[str, Any]) -> Table | str:
    """Return the alignment of one pair, or a table of several."""
    if "pairs" in metrics:
        return pairs_table(metrics)
    polarity = "the same" if metrics["polarity"] > 0 else "inverted"
    latency, unit = counted(metrics["latency_samples"], "sample").split()
    return (
        f"latency [bold]{latency}[/] {unit}, polarity [bold]{polarity}[/], "
        f"confidence {metrics['alignment_confidence']:.2f}; "
        f"fit against board: {metrics['null_depth_db']:.0f} dB"
    )
