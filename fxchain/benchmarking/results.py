"""The results of a benchmark, and their files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fxchain.benchmarking.case import Case
from fxchain.benchmarking.comparison import comparisons
from fxchain.benchmarking.result_store import as_json
from fxchain.benchmarking.tables import markdown
from fxchain.files.atomic import write_text_atomic

FORMAT = "fxchain-benchmark"
VERSION = 2
RESULTS_FILE = "results.json"
TABLES_FILE = "results.md"

Row = dict[str, Any]

#: Equal in many rows, so each distinct value is written once.
_ENVIRONMENT = ("versions", "machine", "measures")


@dataclass(frozen=True, eq=False)
class Results:
    """The measured rows.

    Attributes:
        settings: seconds or iterations, seed, threads
        methods: names, in the order of the tables
        rows: one for each pair and method that was measured or failed
        missing: the number of rows that are not measured yet
    """

    settings: dict[str, Any]
    methods: tuple[str, ...]
    rows: tuple[Row, ...]
    missing: int

    @classmethod
    def of(
        cls,
        cases: Sequence[Case],
        methods: Sequence[str],
        rows: Mapping[tuple[str, str], Row | None],
        settings: dict[str, Any],
    ) -> "Results":
        """Return the results of rows, with the cases' present descriptions of their devices."""
        about = {case.id: case.about() for case in cases}
        measured = tuple({**row, **about[case]} for (case, _), row in rows.items() if row)
        return cls(settings, tuple(methods), measured, len(rows) - len(measured))

    def document(self) -> dict[str, Any]:
        """Return what `results.json` holds."""
        environments: list[Row] = []
        rows = []
        for row in self.rows:
            short = {key: value for key, value in row.items() if key not in _ENVIRONMENT}
            if "error" not in row:
                environment = {key: row[key] for key in _ENVIRONMENT}
                if environment not in environments:
                    environments.append(environment)
                short["environment"] = environments.index(environment)
            rows.append(short)
        return {
            "format": FORMAT,
            "version": VERSION,
            "settings": self.settings,
            "methods": list(self.methods),
            "missing": self.missing,
            "environments": environments,
            "comparisons": comparisons(self.rows),
            "rows": rows,
        }


def write_results(out: Path, results: Results, pictures: bool) -> list[str]:
    """Write `results.json` and `results.md`, and the pictures if `pictures` is set.

    Returns:
        the names of the pictures

    Raises:
        OutputError: the folder cannot be written.
    """
    from fxchain.benchmarking.pictures import draw_all

    drawn = draw_all(out, results.rows, results.methods) if pictures else []
    document = results.document()
    write_text_atomic(out / RESULTS_FILE, as_json(document), force=True)
    write_text_atomic(out / TABLES_FILE, markdown(document, drawn), force=True)
    return drawn
