"""Results stored case by case, so that a stopped benchmark continues where it ended."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"

Row = dict[str, Any]


@dataclass
class Recorded:
    """A file of JSON lines, one for each case.

    Attributes:
        name: of the benchmark
        settings: rows with other settings are not used
        fresh: remove the stored rows of these settings
    """

    name: str
    settings: Row
    fresh: bool = False
    rows: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        FOLDER.mkdir(exist_ok=True)
        self._path = FOLDER / f"{self.name}.jsonl"
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        found = [json.loads(line) for line in lines]
        if self.fresh:
            found = [row for row in found if row["settings"] != self.settings]
            self._path.write_text("".join(json.dumps(row) + "\n" for row in found))
        self.rows = {row["case"]: row for row in found if row["settings"] == self.settings}

    def row(self, case: str, measure: Callable[[], Row]) -> Row:
        """Return the row of a case: the stored one, or measured now and stored."""
        if case not in self.rows:
            row = {"case": case, "settings": self.settings, **measure()}
            with self._path.open("a") as file:
                file.write(json.dumps(row) + "\n")
            self.rows[case] = row
        return self.rows[case]
