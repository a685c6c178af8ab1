"""The progress of a benchmark on the terminal: all jobs, and the running one."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from fxchain.benchmarking.benchmark import Step


@contextmanager
def benchmark_progress() -> "Iterator[Callable[[Step], None]]":
    """Show two bars on a terminal, a line for each finished job elsewhere."""
    columns = (
        TextColumn("{task.description:<32}"),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[state]:>20}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True, highlight=False)
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with bar:
        whole = bar.add_task("the whole", total=1.0, state="")
        part = bar.add_task("", total=1.0, state="")

        def progress(step: "Step") -> None:
            name = f"{step.case}, {step.method}"
            done = step.done + (step.share if step.phase else 0.0)
            state = f"{step.done} of {step.jobs}"
            bar.update(whole, completed=done, total=step.jobs, state=state)
            loss = f" {step.loss:.1e}" if math.isfinite(step.loss) else ""
            bar.update(
                part,
                completed=step.share,
                description=escape(f"{step.method}: {step.case}"[:32]),
                state=f"{step.phase}{loss}",
            )
            if not step.phase:
                bar.reset(part)
                console.print(f"{escape(state)}: {escape(name)}")

        yield progress
