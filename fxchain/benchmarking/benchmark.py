"""The benchmark: every method on every pair, with equal time and equal samples."""

import math
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from fxchain.benchmarking.case import Case, read_cases, single_case
from fxchain.benchmarking.isolation import measure_apart
from fxchain.benchmarking.job import Job, Row
from fxchain.benchmarking.listening_clips import write_listening_test
from fxchain.benchmarking.methods import METHODS
from fxchain.benchmarking.options import BenchmarkKeywords, BenchmarkOptions
from fxchain.benchmarking.report import write_report
from fxchain.benchmarking.result_store import FOLDER, ResultStore
from fxchain.benchmarking.results import Results, write_results
from fxchain.errors import FxchainError, OutputError
from fxchain.optim.budget import Progress
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.several_pairs import read_pair_sources
from fxchain.session.keywords import options_from_keywords

Measure = Callable[[Job, Path, Progress], Row]


@dataclass(frozen=True)
class Step:
    """The progress of a benchmark.

    Attributes:
        done: number of finished jobs
        jobs: number of all jobs
        case: the pair of the present job
        method: its title, as in tables
        phase: of the method; empty when the job is finished
        loss: the method's best so far; NaN where there is none
        share: of the job's budget that is used up, 0 to 1
    """

    done: int
    jobs: int
    case: str
    method: str
    phase: str
    loss: float
    share: float


@dataclass(frozen=True)
class _Run:
    """Where the rows of a benchmark are stored and how they are computed.

    Attributes:
        store: the rows on disk
        measure: computes the row of a job
        notify: called with each step
    """

    store: ResultStore
    measure: Measure
    notify: Callable[[Step], None]


def benchmark(
    pairs: str | Path | Sequence[Case],
    out: str | Path,
    *,
    wet: str | Path | None = None,
    progress: Callable[[Step], None] | None = None,
    measure: Measure = measure_apart,
    **options: Unpack[BenchmarkKeywords],
) -> Results:
    """Compare fxchain with networks and simple baselines; resume an earlier run.

    Every method is fitted on the same part of a pair, with the same time and threads, and scored
    on the same held-out samples. Each job runs in a process of its own; where one is refused or
    crashes, the others go on. Rows are stored in `out` at once and not measured again.

    Args:
        pairs: a manifest (see `read_cases`), its cases, or with `wet` one dry file
        out: the folder for the results; may hold those of an earlier run with equal settings
        wet: the wet file when `pairs` is a dry one
        progress: called after each step
        measure: computes the row of a job; by default in a process of its own
        options: `methods`, `seconds`, `seed` … are the attributes of `BenchmarkOptions`

    Returns:
        what `results.json` holds

    Raises:
        MatchError: the manifest or an option cannot be used.
        OutputError: the folder holds something else, results with other settings, or cannot be
            written.
        TypeError: an option is unknown.
        KeyboardInterrupt: stopped; rows measured until then are stored.
    """
    chosen = options_from_keywords(BenchmarkOptions, options, "benchmark")
    cases = _cases(pairs, wet)
    target = _checked_folder(Path(out))
    store = ResultStore(target, [case.id for case in cases])
    results = _all_rows(cases, chosen, _Run(store, measure, progress or (lambda step: None)))
    drawn = write_results(target, results, pictures=True)
    wets = _references(cases, results)
    write_report(store, results, wets, drawn)
    if chosen.listening_test:
        write_listening_test(target, store, wets, results.rows, chosen.seed)
    return results


def _all_rows(cases: Sequence[Case], options: BenchmarkOptions, run: _Run) -> Results:
    """Measure the rows that are not stored, and write the results after each."""
    general = options.settings()
    settings = {
        (case.id, method): {**general, **case.identity()}
        for case in cases
        for method in options.methods
    }
    rows = {key: _stored_row(run.store, *key, settings[key], options.force) for key in settings}
    by_id = {case.id: case for case in cases}
    for key in [key for key, row in rows.items() if row is None]:
        done = sum(row is not None for row in rows.values())
        report = partial(_report, run.notify, done, len(rows), key)
        report("starting", math.nan, 0.0)
        rows[key] = _measured(by_id[key[0]], key[1], settings[key], run, report)
        results = Results.of(cases, options.methods, rows, general)
        write_results(run.store.out, results, pictures=False)
        _report(run.notify, done + 1, len(rows), key, "", math.nan, 1.0)
    return Results.of(cases, options.methods, rows, general)


def _measured(
    case: Case, method: str, settings: dict[str, Any], run: _Run, report: Progress
) -> Row:
    """Measure a row and store it; a failed one holds the error."""
    row = {**case.about(), "method": method, "settings": settings}
    with tempfile.TemporaryDirectory() as folder:
        try:
            row.update(run.measure(_job(case, method, settings), Path(folder), report))
        except FxchainError as error:
            row["error"] = str(error)
        run.store.write(row, Path(folder))
    return row


def _report(
    notify: Callable[[Step], None],
    done: int,
    jobs: int,
    key: tuple[str, str],
    phase: str,
    loss: float,
    share: float,
) -> None:
    case, method = key
    notify(Step(done, jobs, case, METHODS[method].title, phase, loss, share))


def _references(cases: Sequence[Case], results: Results) -> dict[str, np.ndarray]:
    """Return the aligned wet recording of each pair that has been measured."""
    measured = {row["case"]: row for row in results.rows if "error" not in row}
    wets = {}
    for case in cases:
        if row := measured.get(case.id):
            (pair,) = read_pair_sources([case.source])
            wets[case.id] = align_pair(pair, row["latency_samples"], row["polarity"]).wet
    return wets


def _cases(pairs: str | Path | Sequence[Case], wet: str | Path | None) -> tuple[Case, ...]:
    if not isinstance(pairs, str | os.PathLike):
        return tuple(pairs)
    return read_cases(pairs) if wet is None else (single_case(pairs, wet),)


def _checked_folder(out: Path) -> Path:
    """Refuse a folder with other files in it; one with earlier results is resumed."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: this is a file, not a folder; choose another name")
    if out.is_dir() and any(out.iterdir()) and not (out / FOLDER).is_dir():
        raise OutputError(f"{out}: the folder has other files in it; choose another")
    return out


def _stored_row(
    store: ResultStore, case: str, method: str, settings: dict[str, Any], force: bool
) -> Row | None:
    """Return the row that an earlier run measured; None where it has to be measured.

    Raises:
        OutputError: it was measured with other settings, and `force` is not set.
    """
    row = store.row(case, method)
    if row is None or "error" in row:
        return None
    if row.get("settings") == settings:
        return row
    if force:
        return None
    found = row.get("settings", {})
    other = [name for name in settings if found.get(name) != settings[name]] or ["settings"]
    raise OutputError(
        f"{store.folder(case, method)}: measured with another {other[0].replace('_', ' ')}; choose "
        "another folder for the results, or measure again with --force"
    )


def _job(case: Case, method: str, settings: dict[str, Any]) -> Job:
    source = case.source
    return Job(
        method=method,
        id=source.id,
        dry=str(source.dry),
        wet=str(source.wet),
        dry_channel=source.dry_channel,
        latency_samples=source.latency_samples,
        polarity=source.polarity,
        seconds=settings.get("seconds"),
        iterations=settings.get("iterations"),
        seed=settings["seed"],
        threads=settings["threads"],
    )
