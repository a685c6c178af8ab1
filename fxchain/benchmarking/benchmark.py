"""The comparison: every method on every pair, with the same time and the same samples."""

import math
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.benchmarking.case import Case, read_cases, single_case
from fxchain.benchmarking.isolation import measure_apart
from fxchain.benchmarking.job import Job, Row
from fxchain.benchmarking.listening_clips import write_listening_test
from fxchain.benchmarking.methods import DEFAULT_METHODS, METHODS, check_methods
from fxchain.benchmarking.report import write_report
from fxchain.benchmarking.result_store import FOLDER, ResultStore
from fxchain.benchmarking.results import Results, write_results
from fxchain.errors import FxchainError, OutputError
from fxchain.optim.budget import Progress
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.several_pairs import read_pair_sources
from fxchain.session.search_limits import SearchLimits

Measure = Callable[[Job, Path, Progress], Row]


@dataclass(frozen=True)
class Step:
    """How far a comparison is.

    Attributes:
        done: jobs that are finished
        jobs: how many there are
        case: the pair under way
        method: on it, as in tables
        phase: of the method; empty when it is finished
        loss: its best so far; NaN where there is none
        share: of the job's time that is used up, 0 to 1
    """

    done: int
    jobs: int
    case: str
    method: str
    phase: str
    loss: float
    share: float


def benchmark(
    pairs: str | Path | Sequence[Case],
    out: str | Path,
    *,
    wet: str | Path | None = None,
    methods: Sequence[str] = DEFAULT_METHODS,
    seconds: float = 60.0,
    iterations: int | None = None,
    seed: int = 0,
    threads: int = 2,
    listening_test: bool = False,
    force: bool = False,
    progress: Callable[[Step], None] | None = None,
    measure: Measure = measure_apart,
) -> Results:
    """Compare fxchain with networks and simple baselines; go on where an earlier run stopped.

    Every method hears the same part of a pair, may search as long on as many threads, and is
    scored on the same held-out samples. Each runs in a process of its own; one that is refused or
    crashes loses its own row. What is measured is kept in `out` at once, and not measured again.

    Args:
        pairs: a manifest (see `read_cases`), its cases, or with `wet` one dry file
        out: the folder for the results; may hold those of an earlier run with equal settings
        wet: the wet file when `pairs` is a dry one
        methods: keys of `METHODS`
        seconds: how long each method may search on each pair, s
        iterations: how many steps each may make instead; the figures then repeat
        seed: of whatever is drawn
        threads: how many each method may use
        listening_test: write clips and a configuration for webMUSHRA too
        force: measure again what was measured with other settings
        progress: called whenever something has happened
        measure: measures a job; another one where a test wants it

    Returns:
        what `results.json` holds

    Raises:
        MatchError: the manifest or an option cannot be used.
        OutputError: the folder holds something else, results with other settings, or cannot be
            written.
        KeyboardInterrupt: stopped; what was measured until then is kept.
    """
    chosen = check_methods(methods)
    effort = SearchLimits(seconds=seconds, iterations=iterations, seed=seed, threads=threads)
    effort.check_limits()
    cases = _cases(pairs, wet)
    target = _checked_folder(Path(out))
    kept = ResultStore(target, [case.id for case in cases])
    settings = {**effort.limit(), "seed": seed, "threads": threads}
    wanted = {
        (case.id, method): {**settings, **case.identity()} for case in cases for method in chosen
    }
    rows = {key: _kept_row(kept, *key, wanted[key], force) for key in wanted}
    by_id = {case.id: case for case in cases}
    tell = progress or (lambda step: None)
    for key in [key for key, row in rows.items() if row is None]:
        done = sum(row is not None for row in rows.values())
        report = partial(_report, tell, done, len(rows), key)
        report("starting", math.nan, 0.0)
        case = by_id[key[0]]
        rows[key] = _measured(case, key[1], wanted[key], kept, measure, report)
        write_results(target, Results.of(cases, chosen, rows, settings), pictures=False)
        _report(tell, done + 1, len(rows), key, "", math.nan, 1.0)
    results = Results.of(cases, chosen, rows, settings)
    drawn = write_results(target, results, pictures=True)
    wets = _references(cases, results)
    write_report(kept, results, wets, drawn)
    if listening_test:
        write_listening_test(target, kept, wets, results.rows, seed)
    return results


def _measured(
    case: Case,
    method: str,
    settings: dict[str, Any],
    kept: ResultStore,
    measure: Measure,
    report: Progress,
) -> Row:
    """Measure a row and keep it; one that fails says why."""
    row = {**case.about(), "method": method, "settings": settings}
    with tempfile.TemporaryDirectory() as made:
        try:
            row.update(measure(_job(case, method, settings), Path(made), report))
        except FxchainError as error:
            row["error"] = str(error)
        kept.keep(row, Path(made))
    return row


def _report(
    tell: Callable[[Step], None],
    done: int,
    jobs: int,
    key: tuple[str, str],
    phase: str,
    loss: float,
    share: float,
) -> None:
    case, method = key
    tell(Step(done, jobs, case, METHODS[method].title, phase, loss, share))


def _references(cases: Sequence[Case], results: Results) -> dict[str, np.ndarray]:
    """Return the aligned wet recording of each pair that has been measured."""
    measured = {row["case"]: row for row in results.rows if "error" not in row}
    wets = {}
    for case in cases:
        if row := measured.get(case.id):
            (pair,) = read_pair_sources([case.take])
            wets[case.id] = align_pair(pair, row["latency_samples"], row["polarity"]).wet
    return wets


def _cases(pairs: str | Path | Sequence[Case], wet: str | Path | None) -> tuple[Case, ...]:
    if not isinstance(pairs, str | os.PathLike):
        return tuple(pairs)
    return read_cases(pairs) if wet is None else (single_case(pairs, wet),)


def _checked_folder(out: Path) -> Path:
    """Refuse a folder of other things; one of earlier results may be gone on with."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: this is a file, not a folder; choose another name")
    if out.is_dir() and any(out.iterdir()) and not (out / FOLDER).is_dir():
        raise OutputError(f"{out}: the folder has other files in it; choose another")
    return out


def _kept_row(
    kept: ResultStore, case: str, method: str, settings: dict[str, Any], force: bool
) -> Row | None:
    """Return the row that an earlier run measured; None where it is to be measured."""
    row = kept.row(case, method)
    if row is None or "error" in row:
        return None
    if row.get("settings") == settings:
        return row
    if force:
        return None
    found = row.get("settings", {})
    other = [name for name in settings if found.get(name) != settings[name]] or ["settings"]
    raise OutputError(
        f"{kept.folder(case, method)}: measured with another {other[0].replace('_', ' ')}; choose "
        "another folder for the results, or measure again with --force"
    )


def _job(case: Case, method: str, settings: dict[str, Any]) -> Job:
    take = case.take
    return Job(
        method=method,
        id=take.id,
        dry=str(take.dry),
        wet=str(take.wet),
        dry_channel=take.dry_channel,
        latency_samples=take.latency_samples,
        polarity=take.polarity,
        seconds=settings.get("seconds"),
        iterations=settings.get("iterations"),
        seed=settings["seed"],
        threads=settings["threads"],
    )
