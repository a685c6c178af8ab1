"""The results as tables in Markdown."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fxchain.benchmarking.comparison import ALL
from fxchain.benchmarking.methods import METHODS
from fxchain.benchmarking.scores import judged

Row = Mapping[str, Any]

_NOTHING = "–"


def markdown(document: Mapping[str, Any], pictures: Sequence[str]) -> str:
    """Return the tables of `results.json`.

    Args:
        document: what `results.json` holds
        pictures: names of the files that are drawn
    """
    rows = [row for row in document["rows"] if "error" not in row]
    failed = [row for row in document["rows"] if "error" in row]
    methods = [name for name in document["methods"] if any(row["method"] == name for row in rows)]
    parts = ["# fxchain beside other methods", _introduction(document, rows)]
    if rows:
        parts += [
            _section("Who wins", _comparison_table(document["comparisons"])),
            _section("ESR by device", _by_device(rows, methods)),
            *(
                _section(f"By kind of effect: {title}", _by_effect(rows, methods, read, form))
                for title, (read, form) in _MEASURES.items()
            ),
            _section("ESR of each pair", _by_pair(rows, methods)),
        ]
    if failed:
        lines = [
            f"- {row['case']}, {METHODS[row['method']].title}: {row['error']}" for row in failed
        ]
        parts.append(_section("Failed", "\n".join(lines)))
    parts += [f"![{name}]({name})" for name in pictures]
    return "\n\n".join(parts) + "\n"


def _introduction(document: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """Say with which settings, where, and what the figures are of."""
    settings = ", ".join(f"{key} {value:g}" for key, value in document["settings"].items())
    places = "; ".join(
        f"{each['machine']['processor']}, {each['machine']['cores']} cores, "
        f"Python {each['versions']['python']}, torch {each['versions']['torch']}"
        for each in document["environments"]
    )
    sentences = [
        f"Each method on each pair: {settings}. On {places or 'nothing yet'}.",
        "Figures are of the part that no method has heard.",
    ]
    if any(row["held_out"] is None for row in rows):
        sentences.append("Pairs marked * are too short to hold a part out: theirs are of the fit.")
    if document["missing"]:
        sentences.append(f"{document['missing']} measurements are still missing.")
    return " ".join(sentences)


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table whose columns but the first are aligned to the right."""
    marks = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, marks, *lines))


def _comparison_table(comparisons: Sequence[Row]) -> str:
    if not comparisons:
        return "fxchain and its rivals have not been measured on the same pairs."
    head = ("fxchain against", "effect", "pairs", "won", "share won", "median ESR ratio")
    return _table(
        head,
        [
            (
                f"{METHODS[one['method']].title} / {METHODS[one['rival']].title}",
                "**all**" if one["effect"] == ALL else one["effect"],
                f"{one['pairs']}",
                f"{one['won']}",
                f"{one['share_won']:.0%}",
                f"{one['median_ratio']:.2g}",
            )
            for one in comparisons
        ],
    )


def _by_device(rows: Sequence[Row], methods: Sequence[str]) -> str:
    lines = []
    for device in dict.fromkeys(row["device"] for row in rows):
        own = [row for row in rows if row["device"] == device]
        pairs = len({row["case"] for row in own})
        values = [_mean(_values(own, name, _esr)) for name in methods]
        lines.append((_marked(device, own), f"{pairs}", *_best_bold(values, _number)))
    return _table(("device", "pairs, mean", *_titles(methods)), lines)


def _by_effect(
    rows: Sequence[Row],
    methods: Sequence[str],
    read: Callable[[Row], float],
    form: Callable[[float], str],
) -> str:
    lines = []
    for effect in dict.fromkeys(row["effect"] for row in rows):
        own = [row for row in rows if row["effect"] == effect]
        pairs = len({row["case"] for row in own})
        medians = [_median(_values(own, name, read)) for name in methods]
        cells = [_NOTHING if value is None else form(value) for value in medians]
        lines.append((_marked(effect, own), f"{pairs}", *cells))
    return _table(("effect", "pairs, median", *_titles(methods)), lines)


def _by_pair(rows: Sequence[Row], methods: Sequence[str]) -> str:
    lines = []
    for case in dict.fromkeys(row["case"] for row in rows):
        own = [row for row in rows if row["case"] == case]
        values = [_mean(_values(own, name, _esr)) for name in methods]
        lines.append((_marked(case, own), own[0]["effect"], *_best_bold(values, _number)))
    return _table(("pair", "effect", *_titles(methods)), lines)


def _values(rows: Sequence[Row], method: str, read: Callable[[Row], float]) -> list[float]:
    return [read(row) for row in rows if row["method"] == method]


def _best_bold(values: Sequence[float | None], form: Callable[[float], str]) -> list[str]:
    """Return cells, the least in bold."""
    least = min((value for value in values if value is not None), default=None)
    cells = [_NOTHING if value is None else form(value) for value in values]
    return [
        f"**{cell}**" if value is not None and value == least else cell
        for cell, value in zip(cells, values, strict=True)
    ]


def _marked(name: str, rows: Sequence[Row]) -> str:
    """Return a name that a table can hold, with a star where nothing was held out."""
    safe = name.replace("|", "/")
    return f"{safe} *" if any(row["held_out"] is None for row in rows) else safe


def _titles(methods: Sequence[str]) -> list[str]:
    return [METHODS[name].title for name in methods]


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 1e-3 else f"{value:.4f}"


def _esr(row: Row) -> float:
    return float(judged(row)["esr"])


_MEASURES: dict[str, tuple[Callable[[Row], float], Callable[[float], str]]] = {
    "ESR": (_esr, _number),
    "pre-emphasised ESR": (lambda row: float(judged(row)["pre_emphasised_esr"]), _number),
    "MR-STFT": (lambda row: float(judged(row)["mr_stft"]), lambda value: f"{value:.3f}"),
    "loudness error, dB (absolute)": (
        lambda row: abs(float(judged(row)["loudness_error_db"])),
        lambda value: f"{value:.2f}",
    ),
    "weights": (lambda row: float(row["weights"]), lambda value: f"{value:,.0f}"),
    "seconds to fit": (
        lambda row: float(row["seconds_to_fit"]),
        lambda value: f"{value:.1f}",
    ),
    "speed of rendering, times real time": (
        lambda row: float(row["times_real_time"]),
        lambda value: f"{value:,.0f}" if value >= 10 else f"{value:.1f}",
    ),
}
