"""The progress of a batch on the terminal: jobs done, jobs running, and the table at its end."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from fxchain.batch.hooks import BatchHooks
    from fxchain.batch.job import Job, Outcome


@contextmanager
def batch_progress() -> "Iterator[BatchHooks]":
    """Show all jobs on the terminal inside the block; where there is none, a line for each."""
    from fxchain.batch.hooks import BatchHooks

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    running: dict[str, TaskID] = {}
    over: set[str] = set()
    with bar:
        whole = bar.add_task("all", total=1, state="")
        counts = {"total": 0, "ended": 0}

        def begin(jobs: "Sequence[Job]", done: int) -> None:
            counts.update(total=len(jobs), ended=done)
            bar.update(whole, total=len(jobs), completed=done, state=f"{done} of {len(jobs)}")

        def watch(job: str, phase: str, loss: float, share: float) -> None:
            if job in over:  # a cluster's steps may come late
                return
            if job not in running:
                running[job] = bar.add_task(escape(job), total=1.0, state="")
            state = f"{phase} {loss:.1e}" if math.isfinite(loss) else phase
            bar.update(running[job], completed=share, state=state)

        def report(outcome: "Outcome") -> None:
            over.add(outcome.id)
            if outcome.id in running:
                bar.remove_task(running.pop(outcome.id))
            counts["ended"] += 1
            state = f"{counts['ended']} of {counts['total']}"
            bar.update(whole, completed=counts["ended"], state=state)
            figure = outcome.error or _esr((outcome.metrics or {}).get("held_out"))
            line = f"{state}  {outcome.id}: {outcome.status}  {figure}"
            console.print(escape(line), highlight=False, soft_wrap=True)

        yield BatchHooks(begin, report, watch)


def print_rows(rows: Sequence[Mapping[str, Any]], where: str) -> None:
    """Print the table of a batch."""
    console = Console(highlight=False)
    table = Table()
    for name in ("pair", "", "ESR held out", "fitted", "linear filter", "notes", "seconds", "MiB"):
        table.add_column(name, justify="left" if name in ("pair", "") else "right")
    for row in rows:
        figures = ("held_out_esr", "fitted_esr", "linear_filter_held_out_esr")
        table.add_row(
            escape(str(row["id"])),
            row["status"],
            *(_figure(row[name]) for name in figures),
            str(row["warnings"]),
            f"{row['seconds']:.0f}",
            str(row["peak_mebibytes"]),
        )
    console.print(table)
    for row in rows:
        if row["error"]:
            console.print(f"[red]{escape(str(row['id']))}:[/] {escape(row['error'])}")
    console.print(f"written to [bold]{escape(where)}[/]: summary.csv summary.json, a folder a pair")


def _esr(figures: Mapping[str, float] | None) -> str:
    return "" if not figures else f"ESR {figures['esr']:.2e} held out"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2e}"
