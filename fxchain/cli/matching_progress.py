"""What is seen while a match is searched: phase, loss, time left."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn


@dataclass(frozen=True)
class Watching:
    """What a match reports to.

    Attributes:
        progress: its steps: phase, loss, share of the time
        notice: what is to be known about the pair before the search
    """

    progress: Callable[[str, float, float], None]
    notice: Callable[[str], None]


@contextmanager
def matching_progress(named: str = "ESR") -> Iterator[Watching]:
    """Show a bar on the terminal inside the block; yield what a match reports to.

    Args:
        named: what the loss is called; an ESR is shown in dB too
    """
    columns = (
        TextColumn("{task.fields[phase]:<14}"),
        BarColumn(),
        TextColumn("{task.fields[loss]:>22}"),
        TextColumn("{task.fields[left]:>12}"),
    )
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    began = time.monotonic()
    with bar:
        task = bar.add_task("", total=1.0, phase="reading", loss="", left="")

        def progress(phase: str, loss: float, share: float) -> None:
            seconds = time.monotonic() - began
            bar.update(
                task,
                completed=share,
                phase=phase,
                loss=_loss(loss, named),
                left=_left(seconds, share),
            )

        def notice(sentence: str) -> None:
            console.print(f"note: {escape(sentence)}", highlight=False, soft_wrap=True)

        yield Watching(progress, notice)


def _loss(loss: float, named: str) -> str:
    """Return an error as people read it."""
    if not math.isfinite(loss):
        return ""
    if named != "ESR":
        return f"{named} {loss:.2f}"
    return f"ESR {loss:.2e} ({10 * math.log10(max(loss, 1e-20)):.1f} dB)"


def _left(seconds: float, share: float) -> str:
    """Return how long it goes on, when a share of the time has taken so many seconds."""
    if share <= 0.0:
        return ""
    return f"{seconds * max(0.0, 1.0 - share) / share:.0f} s left"
