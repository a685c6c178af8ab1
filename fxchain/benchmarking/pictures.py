"""The results as pictures."""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from fxchain.benchmarking.methods import METHODS
from fxchain.benchmarking.scores import judged
from fxchain.files.atomic import replacing

Row = Mapping[str, Any]

DEVICE_PICTURE = "esr-by-device.png"
TIME_PICTURE = "esr-against-seconds.png"
DELAY_PICTURE = "esr-against-delay.png"

_COLOURS = {
    "unprocessed": "#bdc1c6",
    "best_gain": "#9aa0a6",
    "best_linear_filter": "#5f6368",
    "fxchain": "#d93025",
    "only_pedalboard": "#f29900",
    "gru": "#9334e6",
    "lstm": "#188038",
    "wavenet": "#1a73e8",
    "wavenet_small": "#8ab4f8",
    "nam": "#12b5cb",
    "nam_lite": "#78d9ec",
    "nam_standard": "#007b83",
}
_LEAST_ESR = 1e-7
#: An axis whose ends have a smaller ratio gets more labels than powers of ten.
_FEW_DECADES = 30.0
_PANELS_PER_ROW = 4
_EARLIEST_SECONDS = 0.5


def draw_all(out: Path, rows: Sequence[Row], methods: Sequence[str]) -> list[str]:
    """Draw the pictures that the rows have data for.

    Args:
        out: the folder
        rows: of the results
        methods: names, in their order

    Returns:
        the names of the files
    """
    good = [row for row in rows if "error" not in row]
    echoes = [row for row in good if row["delay_ms"] is not None]
    timed = [row for row in good if row["curve"] or row["esr_curve"]]
    drawn = []
    if good:
        drawn.append(_draw_devices(out / DEVICE_PICTURE, good, methods))
    if timed:
        drawn.append(_draw_time(out / TIME_PICTURE, timed, methods))
    if len({row["delay_ms"] for row in echoes}) > 1:
        drawn.append(_draw_delays(out / DELAY_PICTURE, echoes, methods))
    return drawn


def _draw_devices(path: Path, rows: Sequence[Row], methods: Sequence[str]) -> str:
    """Draw the mean ESR of each device's pairs, a dot for each method."""
    devices = list(dict.fromkeys(row["device"] for row in rows))
    with _figure(path, 8.5, 1.4 + 0.36 * len(devices)) as figure:
        axes = figure.subplots()
        for name in methods:
            points = [
                (_esr_mean(rows, device, name), height) for height, device in enumerate(devices)
            ]
            seen = [(esr, height) for esr, height in points if esr is not None]
            if seen:
                esrs, heights = zip(*seen, strict=True)
                axes.plot(esrs, heights, "o", color=_COLOURS[name], label=METHODS[name].title)
        axes.set_yticks(range(len(devices)), devices)
        axes.set(xscale="log", xlabel="error-to-signal ratio on held-out audio (less is better)")
        _label_part_of_a_decade(axes)
        axes.grid(alpha=0.3)
        axes.set_ylim(len(devices) - 0.5, -0.5)
        figure.legend(frameon=False, fontsize=8, ncols=4, loc="outside upper center")
    return path.name


def _label_part_of_a_decade(axes: Axes) -> None:
    """Label 1, 2 and 5 times powers of ten on an axis with few decades."""
    low, high = axes.get_xlim()
    if high < _FEW_DECADES * low:
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())


def _draw_time(path: Path, rows: Sequence[Row], methods: Sequence[str]) -> str:
    """Draw the ESR against the time of the fit, a panel for each pair.

    For networks the curve is the ESR on held-out audio; for a chain it is the loss of the search,
    dashed, and the ESR on held-out audio is a dot at its end.
    """
    cases = list(dict.fromkeys(row["case"] for row in rows))
    columns = min(_PANELS_PER_ROW, len(cases))
    lines = math.ceil(len(cases) / columns)
    with _figure(path, max(6.0, 0.8 + 3.0 * columns), 1.2 + 2.4 * lines) as figure:
        panels = figure.subplots(lines, columns, sharex=True, squeeze=False)
        for axes, case in zip(panels.flat, cases, strict=False):
            for row in (row for row in rows if row["case"] == case):
                _draw_curve(axes, row)
            axes.set_title(case, fontsize=8)
            axes.set(xscale="log", yscale="log")
            axes.tick_params(labelsize=7)
            axes.grid(alpha=0.3)
        for axes in list(panels.flat)[len(cases) :]:
            axes.set_visible(False)
        for name in methods:
            if any(row["method"] == name for row in rows):
                panels[0][0].plot([], [], color=_COLOURS[name], label=METHODS[name].title)
        for label, style in (("held-out audio", "o-"), ("loss of the search", "--")):
            panels[0][0].plot([], [], style, color="#202124", ms=4, label=label)
        figure.legend(frameon=False, fontsize=8, ncols=4, loc="outside upper center")
        figure.supxlabel("seconds of fitting", fontsize=9)
        figure.supylabel("error-to-signal ratio", fontsize=9)
    return path.name


def _draw_curve(axes: Axes, row: Row) -> None:
    colour = _COLOURS[row["method"]]
    curve = row["esr_curve"] or row["curve"]
    if curve:
        seconds = [max(when, _EARLIEST_SECONDS) for when, _ in curve]
        seconds.append(max(row["seconds_to_fit"], seconds[-1]))
        esrs = [max(esr, _LEAST_ESR) for _, esr in curve]
        style = "-" if row["esr_curve"] else "--"
        axes.step(seconds, [*esrs, esrs[-1]], where="post", color=colour, ls=style, lw=1.3)
    axes.plot(row["seconds_to_fit"], max(_esr(row), _LEAST_ESR), "o", color=colour, ms=4)


def _draw_delays(path: Path, rows: Sequence[Row], methods: Sequence[str]) -> str:
    """Draw the ESR against the time of a single echo."""
    with _figure(path, 7.0, 4.2) as figure:
        axes = figure.subplots()
        for name in methods:
            own = sorted(
                (row["delay_ms"], max(_esr(row), _LEAST_ESR))
                for row in rows
                if row["method"] == name
            )
            if own:
                times, esrs = zip(*own, strict=True)
                axes.plot(times, esrs, "o-", color=_COLOURS[name], label=METHODS[name].title)
        for name, field_ms in _receptive_fields_ms(rows).items():
            axes.axvline(field_ms, color=_COLOURS[name], ls=":")
            axes.annotate(
                f"receptive field of {METHODS[name].title}",
                (field_ms, 1.0),
                (3, -3),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                color=_COLOURS[name],
                fontsize=8,
                rotation=90,
                va="top",
            )
        axes.set(
            xscale="log",
            yscale="log",
            xlabel="time of the echo, ms",
            ylabel="error-to-signal ratio on held-out audio",
        )
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xticks(sorted({row["delay_ms"] for row in rows}))
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, fontsize=8)
    return path.name


def _receptive_fields_ms(rows: Sequence[Row]) -> dict[str, float]:
    """Return the receptive field of each method that has a finite one, ms."""
    return {
        row["method"]: 1e3 * row["receptive_field_samples"] / row["sample_rate"]
        for row in rows
        if row["receptive_field_samples"] is not None
    }


@contextmanager
def _figure(path: Path, width: float, height: float) -> Iterator[Figure]:
    """Yield a figure of a size in inches, and write it as PNG, completely or not at all."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    yield figure
    with replacing(path, force=True) as temporary:
        figure.savefig(temporary, format="png", dpi=110)


def _esr(row: Row) -> float:
    return float(judged(row)["esr"])


def _esr_mean(rows: Sequence[Row], device: str, method: str) -> float | None:
    values = [_esr(row) for row in rows if (row["device"], row["method"]) == (device, method)]
    return max(statistics.fmean(values), _LEAST_ESR) if values else None
