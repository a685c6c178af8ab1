"""The manifest of a data set: a row for each pair, as CSV and as JSON Lines."""

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from fxchain.dataset.pair import LABEL
from fxchain.dataset.pair_files import PairFiles
from fxchain.errors import MatchError
from fxchain.files.atomic import replacing
from fxchain.preset.strict_json import parse, read_text

CSV_FILE, JSON_LINES_FILE = "manifest.csv", "manifest.jsonl"


def write_manifest(
    folder: Path, pairs: Iterable[PairFiles], progress: Callable[[int], None]
) -> None:
    """Write both files from the presets, each completely or not at all.

    The rows have the label of each pair; in JSON Lines the chain too, as `stage` of its preset.

    Args:
        folder: of the data set
        pairs: all of them, in their order
        progress: called with how many are written

    Raises:
        MatchError: a preset is not one of a data set.
        OutputError: the files cannot be written.
    """
    with (
        replacing(folder / CSV_FILE, force=True) as table,
        replacing(folder / JSON_LINES_FILE, force=True) as lines,
        table.open("w", encoding="utf-8", errors="replace", newline="") as table_file,
        lines.open("w", encoding="utf-8", errors="replace", newline="") as lines_file,
    ):
        writer = None
        for number, files in enumerate(pairs, 1):
            path = folder / files.preset
            preset = parse(read_text(path), str(path))
            label = preset.get("metadata", {}).get(LABEL) if isinstance(preset, dict) else None
            if not isinstance(label, dict) or label.get("id") != files.id:
                raise MatchError(f"{path}: this is not the preset of pair {files.id}; remove it")
            if writer is None:
                writer = csv.DictWriter(table_file, _columns(label), lineterminator="\n")
                writer.writeheader()
            writer.writerow(label)
            row = {name: label[name] for name in _columns(label)} | {"stage": preset["stage"]}
            lines_file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
            progress(number)


def _columns(label: dict[str, object]) -> list[str]:
    """Return the names of a label, first those that tell where a pair is."""
    first = ("id", "split", "dry", "wet", "preset", "chain")
    return [*first, *(name for name in label if name not in first)]
