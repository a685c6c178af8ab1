"""The rows of a benchmark on disk, a folder for each pair and method, so that it can resume."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fxchain.benchmarking.job import Row
from fxchain.errors import OutputError
from fxchain.files.atomic import publishing
from fxchain.recordings.file_names import safe_names

ROW_FILE = "result.json"
FOLDER = "pairs"


class ResultStore:
    """The measured rows in the folder of the results.

    Args:
        out: that folder
        ids: of the pairs

    Raises:
        OutputError: a row cannot be read.
    """

    def __init__(self, out: Path, ids: Sequence[str]) -> None:
        self.out = out
        self._names = dict(zip(ids, safe_names(ids), strict=True))

    def folder(self, case: str, method: str) -> Path:
        """Return the folder of a pair and method."""
        return self.out / FOLDER / self._names[case] / method

    def row(self, case: str, method: str) -> Row | None:
        """Return a row, or None where none was measured."""
        path = self.folder(case, method) / ROW_FILE
        if not path.exists():
            return None
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise OutputError(
                f"{path}: this is no result ({error}); remove the file to measure again"
            ) from error

    def write(self, row: Row, files: Path) -> None:
        """Store a row with its files, in place of an earlier one.

        Args:
            row: with its `case` and `method`
            files: the folder that they are copied from
        """
        folder = self.folder(row["case"], row["method"])
        if folder.exists():
            shutil.rmtree(folder)
        with publishing(folder) as staging:
            for path in sorted(files.iterdir()):
                shutil.copy2(path, staging / path.name)
            (staging / ROW_FILE).write_text(as_json(row), encoding="utf-8", newline="\n")


def as_json(document: Any) -> str:
    """Return a document as JSON text."""
    return json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
