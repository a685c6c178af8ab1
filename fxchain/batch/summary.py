"""The table of a batch: a row for each job, as CSV and JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fxchain.batch.job import Job, Outcome
from fxchain.files.atomic import write_text_atomic

CSV_FILE, JSON_FILE = "summary.csv", "summary.json"

Row = dict[str, Any]


def rows(jobs: Sequence[Job], outcomes: Mapping[str, Outcome]) -> list[Row]:
    """Return a row for each job, in their order; what has no outcome is `waiting`."""
    return [_row(job, outcomes.get(job.id)) for job in jobs]


def write_summary(folder: Path, table: Sequence[Row]) -> None:
    """Write the table into the folder, each file completely or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    write_text_atomic(folder / CSV_FILE, text.getvalue(), force=True)
    whole = json.dumps(list(table), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_text_atomic(folder / JSON_FILE, whole, force=True)


def _row(job: Job, outcome: Outcome | None) -> Row:
    found = outcome or Outcome(job.id, "waiting", attempts=0)
    metrics = found.metrics or {}
    held_out, fitted = metrics.get("held_out") or {}, metrics.get("fitted") or {}
    linear = (metrics.get("baselines") or {}).get("best_linear_filter") or {}
    return {
        "id": job.id,
        "status": found.status,
        "held_out_esr": held_out.get("esr"),
        "fitted_esr": fitted.get("esr"),
        "held_out_mr_stft": held_out.get("mr_stft"),
        "linear_filter_held_out_esr": (linear.get("held_out") or {}).get("esr"),
        "latency_samples": metrics.get("latency_samples"),
        "polarity": metrics.get("polarity"),
        "drift_ppm": (metrics.get("condition") or {}).get("drift_ppm"),
        "warnings": len(metrics.get("warnings", ())),
        "attempts": found.attempts,
        "seconds": round(found.seconds, 1),
        "peak_mebibytes": round(found.peak_mebibytes),
        "folder": Path(job.folder).name,
        "error": found.error,
    }
