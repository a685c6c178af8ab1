"""A manifest: a CSV file that lists several recordings of one device."""

import codecs
import csv
import io
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from fxchain.errors import MatchError
from fxchain.recordings.pair_source import PairSource

LARGEST_FILE_BYTES = 16 * 2**20
_DELIMITERS = ",;\t"
_MARKS = {  # the first that fits: one of them begins as another
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
COLUMNS = ("dry", "wet", "id", "dry_channel", "latency_samples", "polarity", "gain_free")

_POLARITIES = {"+": 1, "+1": 1, "1": 1, "-": -1, "-1": -1}
_FLAGS = {"0": False, "1": True, "": False}

Row = dict[str, str]
T = TypeVar("T")


def read_manifest(path: str | Path) -> tuple[PairSource, ...]:
    """Read a manifest.

    Its first line names the columns: `dry` and `wet`, files, relative to the manifest's folder;
    and, where wanted, `id`, `dry_channel` (counted from 0), `latency_samples`, `polarity` (+ or -)
    and `gain_free` (0 or 1). Other columns and empty lines are passed over.

    Args:
        path: a CSV file with commas, semicolons or tabs, in UTF-8, or in UTF-16 with its mark

    Raises:
        MatchError: it cannot be read or lists nothing, a column is missing, or a line cannot be
            understood or names a file that is not there; naming file, line and column.
    """
    rows = manifest_rows(path)
    seen: dict[str, int] = {}
    sources = []
    for number, row in rows:
        try:
            source = pair_source_of(row, Path(path).parent)
            if source.id in seen:
                raise ValueError(f"the id {source.id!r} stands in line {seen[source.id]} already")
        except ValueError as error:
            raise MatchError(f"{path}: line {number}: {error}") from error
        if source.id:
            seen[source.id] = number
        sources.append(source)
    return tuple(sources)


def manifest_rows(path: str | Path) -> list[tuple[int, Row]]:
    """Return each line of a manifest that is not empty, with its number.

    Raises:
        MatchError: the file cannot be read or lists nothing, or a column is missing.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise MatchError(f"{path}: this is not a file; give the name of a CSV file")
        if path.exists() and path.stat().st_size > LARGEST_FILE_BYTES:
            raise MatchError(f"{path}: larger than {LARGEST_FILE_BYTES >> 20} MiB; no manifest is")
        text = _decoded(path.read_bytes())
        lines = io.StringIO(text, newline="")
        reader = csv.DictReader(lines, strict=True, restval="", delimiter=_delimiter(text))
        columns = [name.strip() for name in reader.fieldnames or ()]
        _check_columns(path, columns)
        reader.fieldnames = columns
        found = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise MatchError(f"{path}: the manifest cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise MatchError(
            f"{path}: this is not UTF-8 text; write it as CSV in UTF-8 (spreadsheets call it "
            "'CSV UTF-8')"
        ) from error
    except csv.Error as error:
        raise MatchError(f"{path}: this is not a CSV file ({error})") from error
    for number, row in found:
        if None in row:
            raise MatchError(
                f"{path}: line {number}: more cells than columns; put a name with a comma in quotes"
            )
    filled = [(number, row) for number, row in found if any(cell.strip() for cell in row.values())]
    if not filled:
        raise MatchError(f"{path}: the manifest lists no pairs; write one a line: dry.wav,wet.wav")
    return filled


def _decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in what its byte order mark says.

    Raises:
        UnicodeDecodeError: it is something else.
    """
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    return content.decode(encoding)


def _delimiter(text: str) -> str:
    """Return what stands between the columns: a comma, semicolon or tab, by the first line.

    Spreadsheets write semicolons where a comma is the decimal sign, and tabs in UTF-16.
    """
    first = text.split("\n", 1)[0].split("\r", 1)[0]
    for delimiter in _DELIMITERS:
        names = {name.strip().strip('"') for name in first.split(delimiter)}
        if names >= {"dry", "wet"}:
            return delimiter
    return _DELIMITERS[0]


def _check_columns(path: Path, columns: list[str]) -> None:
    """Refuse a first line that does not name what is needed, or names something twice."""
    if not columns:
        raise MatchError(f"{path}: the manifest is empty; its first line must be dry,wet")
    for name in ("dry", "wet"):
        if name not in columns:
            raise MatchError(
                f"{path}: the column {name!r} is missing; the first line must name the columns "
                "dry,wet with a comma between them"
            )
    for name in COLUMNS:
        if columns.count(name) > 1:
            raise MatchError(f"{path}: the column {name!r} stands twice")


def pair_source_of(row: Row, folder: Path) -> PairSource:
    """Return what a line says.

    Args:
        row: made by `manifest_rows`
        folder: where the files lie that it names

    Raises:
        ValueError: a cell cannot be understood, naming its column.
    """
    cells = {name: row.get(name, "").strip() for name in COLUMNS}
    return PairSource(
        dry=_file(cells, "dry", folder),
        wet=_file(cells, "wet", folder),
        id=" ".join(cells["id"].split()),
        dry_channel=_read(cells, "dry_channel", _natural, "a whole number from 0 on"),
        latency_samples=_read(cells, "latency_samples", _finite, "a number of samples"),
        polarity=_read(cells, "polarity", _POLARITIES.__getitem__, "+ or -"),
        gain_free=bool(_read(cells, "gain_free", _FLAGS.__getitem__, "0 or 1")),
    )


def _finite(text: str) -> float:
    """Return a number that is one."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _file(cells: Row, column: str, folder: Path) -> Path:
    """Return the file a cell names; it must be there."""
    if not cells[column]:
        raise ValueError(f"{column}: the cell is empty; name a file")
    file = folder / cells[column]
    if not os.path.isfile(file):
        raise ValueError(f"{column}: there is no file {file}; check the name")
    return file


def _read(cells: Row, column: str, parse: Callable[[str], T], wanted: str) -> T | None:
    """Read a cell that may be empty."""
    text = cells[column]
    if not text:
        return None
    try:
        return parse(text)
    except (KeyError, ValueError):
        raise ValueError(f"{column}: {text[:40]!r} is not {wanted}") from None


def _natural(text: str) -> int:
    """Read a whole number that is not negative."""
    number = int(text)
    if number < 0:
        raise ValueError
    return number
