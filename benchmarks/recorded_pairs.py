"""The manifests of real recordings: dry/wet pairs, and single sources.

The recordings are not part of fxchain. The environment variable FXCHAIN_DATA names the folder
that holds them with `pairs.csv` and `sources.csv`; paths in these are relative to it.
"""

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fxchain.errors import AudioError

VARIABLE = "FXCHAIN_DATA"

Row = dict[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class Pair:
    """A dry recording and the output of a device.

    Attributes:
        id: unique name
        category: family of effects, e.g. `"flanger"`
        device: its name
        settings: its knob positions, as the source states them
        kind: `"real"`, or how the wet was made
        dry: file
        wet: file
        dry_channel: the channel of the dry file to take, counted from 0; None: mix down
        direct_lag_samples: latency of the direct sound in the wet; None: unknown
        lag_tolerance: its uncertainty, samples; None: unknown
        sample_rate: Hz
        dry_seconds: length of the dry file, s
        wet_seconds: length of the wet file, s
        linear_coherence: share of the wet's energy that a linear filter of the dry explains
        note: anything else worth knowing
    """

    id: str
    category: str
    device: str
    settings: str
    kind: str
    dry: Path
    wet: Path
    dry_channel: int | None
    direct_lag_samples: int | None
    lag_tolerance: int | None
    sample_rate: int
    dry_seconds: float
    wet_seconds: float
    linear_coherence: float | None
    note: str


@dataclass(frozen=True)
class Source:
    """A recording on its own.

    Attributes:
        role: what it is for: `"dry"`, `"style ref"` or `"IR"`
        kind: instrument or content, e.g. `"guitar (clean)"`
        file: the recording
        sample_rate: Hz
        channels: their number
        seconds: length, s
        note: anything else worth knowing
    """

    role: str
    kind: str
    file: Path
    sample_rate: int
    channels: int
    seconds: float
    note: str


def data_folder() -> Path:
    """Return the folder that FXCHAIN_DATA names.

    Raises:
        AudioError: the variable is not set, or there is no `pairs.csv` in the folder.
    """
    value = os.environ.get(VARIABLE, "").strip()
    if not value:
        raise AudioError(
            f"{VARIABLE} is not set; set it to the folder that holds pairs.csv and the recordings"
        )
    folder = Path(value).absolute()
    if not (folder / "pairs.csv").is_file():
        raise AudioError(f"{VARIABLE}={value}: there is no pairs.csv in this folder")
    return folder


def read_pairs(folder: Path) -> list[Pair]:
    """Read `pairs.csv`.

    Raises:
        AudioError: the manifest is missing, or a line of it cannot be understood.
    """

    def pair(row: Row) -> Pair:
        return Pair(
            id=row["id"],
            category=row["category"],
            device=row["device"],
            settings=row["settings"],
            kind=row["kind"],
            dry=folder / row["dry"],
            wet=folder / row["wet"],
            dry_channel=_integer_or_none(row["dry_channel"]),
            direct_lag_samples=_integer_or_none(row["direct_lag_samples"]),
            lag_tolerance=_integer_or_none(row["lag_tolerance"]),
            sample_rate=int(row["sample_rate"]),
            dry_seconds=float(row["dry_seconds"]),
            wet_seconds=float(row["wet_seconds"]),
            linear_coherence=_float_or_none(row["linear_coherence"]),
            note=row["note"],
        )

    return _read_rows(folder / "pairs.csv", pair)


def read_sources(folder: Path, role: str = "", kind: str = "") -> list[Source]:
    """Read `sources.csv`, in its order.

    Args:
        folder: of the manifest
        role: keep only this role; empty: all
        kind: keep only kinds with this prefix, e.g. `"speech"`; empty: all

    Raises:
        AudioError: the manifest is missing, or a line of it cannot be understood.
    """

    def source(row: Row) -> Source:
        return Source(
            role=row["role"],
            kind=row["kind"],
            file=folder / row["file"],
            sample_rate=int(row["sample_rate"]),
            channels=int(row["channels"]),
            seconds=float(row["seconds"]),
            note=row["note"],
        )

    sources = _read_rows(folder / "sources.csv", source)
    return [one for one in sources if role in ("", one.role) and one.kind.startswith(kind)]


def _read_rows(path: Path, parse: Callable[[Row], T]) -> list[T]:
    """Parse every line of a CSV file; an error names the file and the line."""
    try:
        file = path.open(newline="", encoding="utf-8")
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror})") from error
    results = []
    with file:
        rows = csv.DictReader(file)
        for row in rows:
            try:
                results.append(parse(row))
            except KeyError as error:
                raise AudioError(f"{path}: the column {error} is missing") from error
            except (TypeError, ValueError) as error:
                raise AudioError(f"{path}: line {rows.line_num}: {error}") from error
    return results


def _integer_or_none(text: str) -> int | None:
    """Return the number in a field, None for an empty one."""
    return int(text) if text else None


def _float_or_none(text: str) -> float | None:
    """Return the number in a field, None for an empty one."""
    return float(text) if text else None
