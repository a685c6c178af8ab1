"""The loss over time, with the phases of the search beneath it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fxchain.report.pictures import Picture
from fxchain.report.svg import Axis, Plot

_WIDTH, _HEIGHT, _LEFT = 760, 250, 104
#: The phase of entries that hold the best loss so far, see `fxchain.optim.budget`.
_BEST = "best"
#: The order of the rows; other phases follow in alphabetical order.
_PHASES = (
    "growth", "gradient", "evolution", "drive", "second order", "trial", "response", "jump",
    "elimination", "spectra",
)  # fmt: skip
_QUIETEST_DB = -100.0


def loss_picture(
    history: Sequence[Mapping[str, Any]], timed: bool, likelihood: bool = False
) -> Picture | None:
    """Draw the error of every step, the best so far, and which phase each step belongs to.

    Args:
        history: one entry a step
        timed: over seconds; else over the number of steps, which is reproducible
        likelihood: the losses are negative log likelihoods; else error-to-signal ratios
    """
    entries = [entry for entry in history if np.isfinite(float(entry["loss"]))]
    if len(entries) < 2:
        return None
    x = np.array([float(e["seconds"]) if timed else at for at, e in enumerate(entries)])
    losses = np.array([float(entry["loss"]) for entry in entries])
    levels = _without_outliers(losses) if likelihood else _decibels(losses)
    phases = [str(entry["phase"]) for entry in entries]
    rows = [p for p in _PHASES if p in phases]
    rows += sorted({p for p in phases if p not in (*_PHASES, _BEST)})
    if likelihood:
        slack = 0.05 * float(np.ptp(levels)) + 0.1
        low, high = float(levels.min()) - slack, float(levels.max()) + slack
    else:
        low, high = float(levels.min()) - 3.0, float(min(levels.max(), 10.0)) + 3.0
    height = _HEIGHT + 18 * len(rows)
    floor = low - (high - low) * (18.0 * len(rows)) / (_HEIGHT - 44)
    # The rows of the phases are below the lowest level on the same axis.
    row_levels = {
        p: low + (floor - low) * (at + 0.75) / max(len(rows), 1) for at, p in enumerate(rows)
    }
    decades = tuple((float(db), f"{db}") for db in range(-100, 21, 10) if low <= db <= high)
    ticks = Axis("", low, high).marks() if likelihood else decades
    what = "negative log likelihood" if likelihood else "error"
    axis = Axis("time, s" if timed else "steps, in order", 0.0, max(float(x.max()), 1e-3))
    plot = Plot(
        axis,
        Axis(what if likelihood else "error, dB", floor, high, ticks=ticks),
        f"The {what} over the search, and the phase of each step",
        _WIDTH,
        height,
        _LEFT,
    )
    for at, phase in enumerate(rows):
        chosen = [n for n, p in enumerate(phases) if p == phase]
        style = f"phase phase-{at % 8}"
        plot.dots(x[chosen], levels[chosen], style)
        plot.ticks(x[chosen], row_levels[phase], style)
        plot.name(row_levels[phase], phase)
    best = [n for n, p in enumerate(phases) if p == _BEST]
    if best:
        steps = np.repeat(x[best], 2)[1:]
        held = np.repeat(levels[best], 2)[:-1]
        plot.line([*steps, axis.high], [*held, levels[best[-1]]], "strong")
    legend = (
        ("strong", "the best so far, unweighted"),
        ("phase", "single steps; early ones are spectrally weighted"),
    )
    if likelihood:
        legend = (("strong", "the best so far"), ("phase", "single steps"))
    return Picture(plot.svg(), "", legend if best else legend[1:])


def _decibels(losses: np.ndarray) -> np.ndarray:
    return np.maximum(10.0 * np.log10(np.maximum(losses, 1e-12)), _QUIETEST_DB)


def _without_outliers(losses: np.ndarray) -> np.ndarray:
    """Return losses clamped at a multiple of their median above the least."""
    least = float(losses.min())
    return np.minimum(losses, least + 4.0 * max(float(np.median(losses)) - least, 1e-3))
