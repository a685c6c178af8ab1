"""The progress of a search on the terminal: phase, loss, remaining time."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn


@dataclass(frozen=True)
class SearchDisplay:
    """Callbacks that show a search.

    Attributes:
        progress: its steps: phase, loss, share of the time
        notice: called with each sentence about the recordings before the search
    """

    progress: Callable[[str, float, float], None]
    notice: Callable[[str], None]


@contextmanager
def matching_progress(loss_name: str = "ESR") -> Iterator[SearchDisplay]:
    """Show a bar on the terminal inside the block; yield the callbacks that move it.

    Args:
        loss_name: what the loss is called; an ESR is shown in dB too
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
                loss=_loss(loss, loss_name),
                left=_left(seconds, share),
            )

        def notice(sentence: str) -> None:
            console.print(f"note: {escape(sentence)}", highlight=False, soft_wrap=True)

        yield SearchDisplay(progress, notice)


def _loss(loss: float, name: str) -> str:
    """Return a loss as text; an ESR in dB too."""
    if not math.isfinite(loss):
        return ""
    if name != "ESR":
        return f"{name} {loss:.2f}"
    return f"ESR {loss:.2e} ({10 * math.log10(max(loss, 1e-20)):.1f} dB)"


def _left(seconds: float, share: float) -> str:
    """Return the remaining time, when `seconds` were needed for a share of the search."""
    if share <= 0.0:
        return ""
    return f"{seconds * max(0.0, 1.0 - share) / share:.0f} s left"
