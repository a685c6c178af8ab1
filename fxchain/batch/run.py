"""A batch: the pairs of a manifest become jobs, are done, and are summarized."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fxchain.batch.cluster import run_on_cluster
from fxchain.batch.hooks import BatchHooks
from fxchain.batch.job import Job, Outcome, Report, stored_outcome
from fxchain.batch.local import run_locally
from fxchain.batch.summary import Row, rows, write_summary
from fxchain.errors import MatchError
from fxchain.files.atomic import check_folder_target, write_text_atomic
from fxchain.matching.options import MatchOptions
from fxchain.matching.saved_request import SavedRequest
from fxchain.optim.cores import usable_cores
from fxchain.preset.strict_json import parse, read_text
from fxchain.recordings.file_names import safe_names
from fxchain.recordings.manifest import read_manifest
from fxchain.recordings.pair_source import PairSource, named

#: The file with the request of a batch, in its folder.
BATCH_FILE = "batch.json"


@dataclass(frozen=True)
class Resources:
    """What the jobs may use; it changes no result.

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
    """The result of a batch.

    Attributes:
        rows: of the summary
        complete: it was not interrupted
    """

    rows: list[Row]
    complete: bool

    def count(self, status: str) -> int:
        """Return how many jobs have a status."""
        return sum(row["status"] == status for row in self.rows)


def run_batch(
    manifest: Path,
    folder: Path,
    options: MatchOptions,
    resources: Resources,
    *,
    resume: bool = False,
    hooks: BatchHooks | None = None,
) -> Batch:
    """Match every pair of a manifest by itself.

    Args:
        manifest: as `read_manifest` takes it
        folder: of all results: one folder a job, `summary.csv`, `summary.json`, `batch.json`
        options: of every job; values in a line of the manifest take precedence
        resources: with what it is done
        resume: go on with the batch in the folder: what is done stays, the rest is done
        hooks: called while it runs

    Raises:
        MatchError: the manifest cannot be used, or the folder holds another batch.
        OutputError: the folder cannot be written, or holds files and `resume` is off.
        ClusterError: there is no such cluster.
    """
    resources.check()
    hooks = hooks or BatchHooks()
    jobs = make_jobs(manifest, folder, options)
    _claim(folder, manifest, options, resume)
    outcomes = {found.id: found for job in jobs if (found := stored_outcome(job)) is not None}
    hooks.begin(jobs, len(outcomes))

    def keep(outcome: Outcome) -> None:
        outcomes[outcome.id] = outcome
        write_summary(folder, rows(jobs, outcomes))
        hooks.report(outcome)

    write_summary(folder, rows(jobs, outcomes))
    left = [job for job in jobs if job.id not in outcomes]
    complete = _run_jobs(left, keep, options.threads, resources, hooks)
    table = rows(jobs, outcomes)
    write_summary(folder, table)
    return Batch(table, complete)


def _run_jobs(
    jobs: Sequence[Job], report: Report, threads: int, resources: Resources, hooks: BatchHooks
) -> bool:
    """Do jobs here or on a cluster; return whether all were begun."""
    if resources.scheduler is not None:
        return run_on_cluster(
            jobs,
            report,
            hooks.watch,
            scheduler=resources.scheduler,
            retries=resources.retries,
        )
    return run_locally(
        jobs,
        report,
        hooks.watch,
        workers=resources.workers or default_workers(threads),
        retries=resources.retries,
        memory_mebibytes=resources.memory_mebibytes,
        started=hooks.started,
    )


def default_workers(threads: int) -> int:
    """Return how many jobs of so many threads use all cores."""
    return max(1, usable_cores() // threads)


def make_jobs(manifest: Path, folder: Path, options: MatchOptions) -> list[Job]:
    """Return a job for each line of a manifest.

    Raises:
        MatchError: the manifest cannot be used.
    """
    sources = named(read_manifest(manifest))
    names = safe_names([source.id for source in sources])
    place = folder.absolute()
    return [
        Job(source.id, str(place / name), _request(source, options))
        for source, name in zip(sources, names, strict=True)
    ]


def _request(source: PairSource, options: MatchOptions) -> dict[str, Any]:
    """Return what one job is asked to do."""
    own: dict[str, Any] = {
        "dry_channel": source.dry_channel,
        "latency_samples": source.latency_samples,
        "polarity": source.polarity,
    }
    options = replace(options, **{k: v for k, v in own.items() if v is not None})
    pair = SavedRequest(dry=str(source.dry), wet=str(source.wet), options=options)
    return pair.absolute().to_json()


def _claim(folder: Path, manifest: Path, options: MatchOptions, resume: bool) -> None:
    """Store the request in the folder, or compare it with the one stored there."""
    request = SavedRequest(options=options).absolute().to_json()
    asked = {"manifest": os.path.abspath(manifest), "request": request}
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
