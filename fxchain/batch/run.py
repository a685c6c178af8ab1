"""A batch: a manifest's pairs become jobs, are done, and summed up."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fxchain.batch.cluster import run_on_cluster
from fxchain.batch.job import Job, Outcome, Report, Watch, earlier
from fxchain.batch.local import run_locally
from fxchain.batch.summary import Row, rows, write_summary
from fxchain.errors import MatchError
from fxchain.files.atomic import check_folder_target, write_text_atomic
from fxchain.matching.saved_request import SavedRequest
from fxchain.preset.strict_json import parse, read_text
from fxchain.recordings.file_names import safe_names
from fxchain.recordings.manifest import read_manifest
from fxchain.recordings.pair_source import PairSource, named

#: What a batch was asked to do, in its folder.
BATCH_FILE = "batch.json"


@dataclass(frozen=True)
class Means:
    """With what the jobs are done; it changes no result.

    Attributes:
        workers: jobs at a time, on this computer; None: as many as there are cores for
        retries: how often a job that died is begun again
        scheduler: address of a Dask cluster to use instead of this computer
        memory_mebibytes: the most memory a job's process may hold on this computer, MiB
    """

    workers: int | None = None
    retries: int = 1
    scheduler: str | None = None
    memory_mebibytes: int | None = None

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            MatchError: naming the option.
        """
        if self.workers is not None and self.workers < 1:
            raise MatchError(f"--workers {self.workers}: give at least 1")
        if self.retries < 0:
            raise MatchError(f"--retries {self.retries}: give 0 or more")
        if self.memory_mebibytes is not None and self.memory_mebibytes < 1:
            raise MatchError(f"--memory-mib {self.memory_mebibytes}: give at least 1")


@dataclass(frozen=True)
class Batch:
    """What became of a batch.

    Attributes:
        rows: of the summary
        complete: nobody stopped it
    """

    rows: list[Row]
    complete: bool

    def count(self, status: str) -> int:
        """Return how many jobs have a status."""
        return sum(row["status"] == status for row in self.rows)


def run_batch(
    manifest: Path,
    folder: Path,
    request: SavedRequest,
    means: Means,
    *,
    resume: bool = False,
    begin: Callable[[Sequence[Job], int], None] = lambda jobs, done: None,
    report: Report = lambda outcome: None,
    watch: Watch = lambda job, phase, loss, share: None,
    started: Callable[[Job, int], None] | None = None,
) -> Batch:
    """Match every pair of a manifest by itself.

    Args:
        manifest: as `read_manifest` takes it
        folder: of all results: one folder a job, `summary.csv`, `summary.json`, `batch.json`
        request: what is asked of every job; what a line of the manifest says goes before it
        means: with what it is done
        resume: go on with the batch in the folder: what is done stays, the rest is done
        begin: called with all jobs and how many are done already
        report: called with each outcome
        watch: called with each job's steps; some may come after its outcome
        started: called with each job and its process, on this computer

    Raises:
        MatchError: the manifest cannot be used, or the folder holds another batch.
        OutputError: the folder cannot be written, or holds files and `resume` is off.
        ClusterError: there is no such cluster.
    """
    means.check()
    jobs = make_jobs(manifest, folder, request)
    _claim(folder, manifest, request, resume)
    outcomes: dict[str, Outcome] = {}
    for job in jobs:
        found = earlier(job)
        if found is not None:
            outcomes[job.id] = found
    begin(jobs, len(outcomes))

    def keep(outcome: Outcome) -> None:
        outcomes[outcome.id] = outcome
        write_summary(folder, rows(jobs, outcomes))
        report(outcome)

    write_summary(folder, rows(jobs, outcomes))
    left = [job for job in jobs if job.id not in outcomes]
    if means.scheduler is not None:
        complete = run_on_cluster(
            left, keep, watch, scheduler=means.scheduler, retries=means.retries
        )
    else:
        complete = run_locally(
            left,
            keep,
            watch,
            workers=means.workers or usual_workers(request.threads),
            retries=means.retries,
            memory_mebibytes=means.memory_mebibytes,
            started=started,
        )
    table = rows(jobs, outcomes)
    write_summary(folder, table)
    return Batch(table, complete)


def usual_workers(threads: int) -> int:
    """Return how many jobs of so many threads keep all cores busy without a fight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 1) // threads)


def make_jobs(manifest: Path, folder: Path, request: SavedRequest) -> list[Job]:
    """Return a job for each line of a manifest.

    Raises:
        MatchError: the manifest cannot be used.
    """
    sources = named(read_manifest(manifest))
    names = safe_names([take.id for take in sources])
    place = folder.absolute()
    return [
        Job(take.id, str(place / name), _asked(take, request))
        for take, name in zip(sources, names, strict=True)
    ]


def _asked(take: PairSource, request: SavedRequest) -> dict[str, Any]:
    """Return what is asked of one job."""
    said = {
        "dry_channel": take.dry_channel,
        "latency_samples": take.latency_samples,
        "polarity": take.polarity,
    }
    changes = {name: value for name, value in said.items() if value is not None}
    files = {"dry": str(take.dry), "wet": str(take.wet)}
    return request.model_copy(update={**changes, **files}).anchored().model_dump()


def _claim(folder: Path, manifest: Path, request: SavedRequest, resume: bool) -> None:
    """Write down what is asked in the folder, or compare it with what was asked there."""
    asked = {"manifest": os.path.abspath(manifest), "request": request.anchored().model_dump()}
    path = folder / BATCH_FILE
    if not resume:
        check_folder_target(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_text_atomic(path, json.dumps(asked, indent=2) + "\n")
        return
    if not path.is_file():
        raise MatchError(f"{folder}: there is no {BATCH_FILE} in it, so nothing to go on with")
    if parse(read_text(path), str(path)) != asked:
        raise MatchError(
            f"{folder}: the batch in it had another manifest or other options; give the same, or "
            "another folder"
        )
