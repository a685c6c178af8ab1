"""The results as tables, and those in Markdown."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fxchain.benchmarking.comparison import ALL, MEASURES
from fxchain.benchmarking.methods import METHODS
from fxchain.benchmarking.scores import judged
from fxchain.report.table import Table
from fxchain.wording import counted

Row = Mapping[str, Any]

_NOTHING = "–"
#: What Neural Amp Modeler says of an ESR below each of these, and else.
NAM_VERDICTS = {
    0.01: "Great!",
    0.035: "Not bad!",
    0.1: "...This *might* sound ok!",
    0.3: "...This probably won't sound great :(",
}
NAM_WORST = "...Something seems to have gone wrong."


def markdown(document: Mapping[str, Any], pictures: Sequence[str]) -> str:
    """Return the tables of `results.json`.

    Args:
        document: what `results.json` holds
        pictures: names of the files that are drawn
    """
    parts = ["# fxchain beside other methods", introduction(document)]
    parts += [f"## {table.title}\n\n{_in_markdown(table)}" for table in tables(document)]
    if failed := failures(document):
        parts.append("## Failed\n\n" + "\n".join(f"- {line}" for line in failed))
    parts += [f"![{name}]({name})" for name in pictures]
    return "\n\n".join(parts) + "\n"


def tables(document: Mapping[str, Any]) -> list[Table]:
    """Return the tables of `results.json`: comparison, by device, by effect, by pair, verdicts."""
    rows = _measured(document)
    methods = [name for name in document["methods"] if any(row["method"] == name for row in rows)]
    if not rows:
        return []
    return [
        _comparison_table(document["comparisons"]),
        *(_by_device(rows, methods, measure) for measure in MEASURES),
        *(
            _by_effect(title, rows, methods, read, form)
            for title, (read, form) in _MEASURES.items()
        ),
        *(_by_pair(rows, methods, measure) for measure in MEASURES),
        _verdicts(rows, methods),
    ]


def failures(document: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each measurement that failed."""
    return [
        f"{row['case']}, {METHODS[row['method']].title}: {row['error']}"
        for row in document["rows"]
        if "error" in row
    ]


def _measured(document: Mapping[str, Any]) -> list[Row]:
    return [row for row in document["rows"] if "error" not in row]


def introduction(document: Mapping[str, Any]) -> str:
    """Return sentences about the settings, the machine, and the part that figures are of."""
    rows = _measured(document)
    settings = ", ".join(f"{key} {value:g}" for key, value in document["settings"].items())
    places = "; ".join(
        f"{each['machine']['processor']}, {counted(each['machine']['cores'], 'core')}, "
        f"Python {each['versions']['python']}, torch {each['versions']['torch']}"
        for each in document["environments"]
    )
    sentences = [
        f"Each method on each pair: {settings}. On {places or 'nothing yet'}.",
        "Figures are of the held-out part, which no method was fitted on.",
    ]
    if any(row["held_out"] is None for row in rows):
        sentences.append(
            "Pairs marked * are too short to hold a part out: their figures are of the fitted part."
        )
    if document["missing"]:
        sentences.append(f"{document['missing']} measurements are still missing.")
    return " ".join(sentences)


def _in_markdown(table: Table) -> str:
    """Return a table whose columns but the first are aligned to the right."""
    if not table.lines:
        return table.otherwise
    lines = [
        [f"**{cell}**" if (y, x) in table.best else cell for x, cell in enumerate(cells)]
        for y, cells in enumerate(table.lines)
    ]
    marks = ["---"] + ["---:"] * (len(table.head) - 1)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (table.head, marks, *lines))


def _comparison_table(comparisons: Sequence[Row]) -> Table:
    head = ("fxchain against", "effect", "by", "pairs", "won", "share won", "median ratio")
    lines = tuple(
        (
            f"{METHODS[one['method']].title} / {METHODS[one['rival']].title}",
            one["effect"],
            MEASURES[one["measure"]],
            f"{one['pairs']}",
            f"{one['won']}",
            f"{one['share_won']:.0%}",
            f"{one['median_ratio']:.2g}",
        )
        for one in comparisons
    )
    whole = frozenset((y, 1) for y, one in enumerate(comparisons) if one["effect"] == ALL)
    otherwise = "fxchain and its rivals have not been measured on the same pairs."
    return Table("Who wins", head, lines, whole, otherwise)


def _by_device(rows: Sequence[Row], methods: Sequence[str], measure: str) -> Table:
    lines, values = [], []
    for device in dict.fromkeys(row["device"] for row in rows):
        own = [row for row in rows if row["device"] == device]
        pairs = len({row["case"] for row in own})
        values.append([_mean(_values(own, name, _reader(measure))) for name in methods])
        lines.append((_marked(device, own), f"{pairs}", *_cells(values[-1], _number)))
    head = ("device", "pairs, mean", *_titles(methods))
    return Table(f"{MEASURES[measure]} by device", head, tuple(lines), _least(values))


def _by_effect(
    title: str,
    rows: Sequence[Row],
    methods: Sequence[str],
    read: Callable[[Row], float],
    form: Callable[[float], str],
) -> Table:
    lines = []
    for effect in dict.fromkeys(row["effect"] for row in rows):
        own = [row for row in rows if row["effect"] == effect]
        pairs = len({row["case"] for row in own})
        medians = [_median(_values(own, name, read)) for name in methods]
        lines.append((_marked(effect, own), f"{pairs}", *_cells(medians, form)))
    head = ("effect", "pairs, median", *_titles(methods))
    return Table(f"By kind of effect: {title}", head, tuple(lines))


def _by_pair(rows: Sequence[Row], methods: Sequence[str], measure: str) -> Table:
    lines, values = [], []
    for case in dict.fromkeys(row["case"] for row in rows):
        own = [row for row in rows if row["case"] == case]
        values.append([_mean(_values(own, name, _reader(measure))) for name in methods])
        lines.append((_marked(case, own), own[0]["effect"], *_cells(values[-1], _number)))
    head = ("pair", "effect", *_titles(methods))
    return Table(f"{MEASURES[measure]} of each pair", head, tuple(lines), _least(values))


def _verdicts(rows: Sequence[Row], methods: Sequence[str]) -> Table:
    """Return on how many pairs a method's ESR has each verdict of Neural Amp Modeler."""
    counts = {word: dict.fromkeys(methods, 0) for word in (*NAM_VERDICTS.values(), NAM_WORST)}
    for row in rows:
        esr = _reader("esr")(row)
        below = (word for limit, word in NAM_VERDICTS.items() if esr < limit)
        counts[next(below, NAM_WORST)][row["method"]] += 1
    limits = [*(f"< {limit:g}" for limit in NAM_VERDICTS), f"≥ {max(NAM_VERDICTS):g}"]
    lines = tuple(
        (word, limit, *(f"{count}" for count in counts[word].values()))
        for word, limit in zip(counts, limits, strict=True)
    )
    head = ("in the words of Neural Amp Modeler", "ESR, pairs", *_titles(methods))
    return Table("Verdicts", head, lines)


def _values(rows: Sequence[Row], method: str, read: Callable[[Row], float]) -> list[float]:
    return [read(row) for row in rows if row["method"] == method]


def _cells(values: Sequence[float | None], form: Callable[[float], str]) -> list[str]:
    return [_NOTHING if value is None else form(value) for value in values]


def _least(values: Sequence[Sequence[float | None]]) -> frozenset[tuple[int, int]]:
    """Return (line, column) of the least value of each line, two columns further right."""
    found = set()
    for y, line in enumerate(values):
        known = [value for value in line if value is not None]
        found |= {(y, x + 2) for x, value in enumerate(line) if known and value == min(known)}
    return frozenset(found)


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


def _reader(measure: str) -> Callable[[Row], float]:
    return lambda row: float(judged(row)[measure])


_MEASURES: dict[str, tuple[Callable[[Row], float], Callable[[float], str]]] = {
    **{title: (_reader(measure), _number) for measure, title in MEASURES.items()},
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
