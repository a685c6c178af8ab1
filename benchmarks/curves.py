"""Plots of the error against time."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

#: Method -> (seconds, error-to-signal ratio) at each improvement, and at the end.
Curves = Mapping[str, Sequence[Sequence[float]]]

COLOURS = ("#d93025", "#1a73e8", "#188038", "#9aa0a6")
EARLIEST_SECONDS = 0.1


def draw(cases: Mapping[str, Curves], goal: float, out: Path) -> None:
    """Plot the best error so far of each method, one panel for each case.

    Args:
        cases: curves by the case's name
        goal: error-to-signal ratio, a dashed line
        out: the picture's file
    """
    figure, panels = plt.subplots(
        1, len(cases), figsize=(4.2 * len(cases) + 0.6, 4.0), sharey=True, squeeze=False
    )
    for axes, (case, curves) in zip(panels[0], cases.items(), strict=True):
        for (name, curve), colour in zip(curves.items(), COLOURS, strict=False):
            points = [(max(when, EARLIEST_SECONDS), loss) for when, loss in curve]
            if not points:
                continue
            times, losses = zip(*points, strict=True)
            axes.step(times, losses, where="post", color=colour, lw=1.8, label=name)
        axes.axhline(goal, color="#202124", ls="--", lw=0.8)
        axes.set(xscale="log", yscale="log", title=case, xlabel="time, s")
        axes.grid(alpha=0.3)
    panels[0][0].set_ylabel("best error-to-signal ratio so far")
    panels[0][0].legend(frameon=False, fontsize=9)
    figure.tight_layout()
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=120)
