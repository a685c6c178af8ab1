"""One match of a batch: what it is, and how the present process does it."""

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fxchain.errors import FxchainError
from fxchain.files.folder_lock import only_run
from fxchain.matching.match import match
from fxchain.matching.saved_request import SavedRequest
from fxchain.matching.search.checkpoint import CHECKPOINT_FILE
from fxchain.optim.budget import Progress
from fxchain.session.result import METRICS_FILE

#: Status of a job.
DONE, FAILED, INTERRUPTED = "done", "failed", "interrupted"
#: How long a job waits for the end of the process of a batch that was killed before.
_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Job:
    """A pair and the request.

    Attributes:
        id: as in the manifest
        folder: of its results, absolute
        request: what `SavedRequest.to_json` returns
    """

    id: str
    folder: str
    request: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a job; a row of the summary.

    Attributes:
        id: of the job
        status: done, failed or interrupted
        error: one line, where it failed
        attempts: number of starts in this run; 0 where an earlier run had finished it
        seconds: of the last attempt, s
        peak_mebibytes: the most memory its process ever held
        metrics: what `metrics.json` holds; empty where it failed
    """

    id: str
    status: str
    error: str = ""
    attempts: int = 1
    seconds: float = 0.0
    peak_mebibytes: float = 0.0
    metrics: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def stored_outcome(job: Job) -> Outcome | None:
    """Return the outcome of a job that an earlier run has done; None where it has not."""
    folder = Path(job.folder)
    if (folder / CHECKPOINT_FILE).exists() or not (folder / METRICS_FILE).is_file():
        return None
    metrics = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    return Outcome(job.id, DONE, attempts=0, metrics=metrics)


def run_job(job: Job, progress: Progress | None = None) -> Outcome:
    """Match a pair and write its folder; go on where an earlier attempt left a checkpoint.

    Errors in recordings or options become an outcome; any other exception is raised.

    Args:
        job: the pair
        progress: as for `match`
    """
    began = time.monotonic()
    request = SavedRequest.from_json(job.request, f"job {job.id}")
    folder = Path(job.folder)
    checkpoint = request.checkpoint(folder)
    try:
        with only_run(folder, _WAIT_SECONDS):
            found = match(
                request.dry,
                request.wet,
                progress=progress,
                checkpoint=checkpoint,
                **request.keywords(),
            )
            found.write(folder, checkpoint=checkpoint.path)
    except FxchainError as error:
        line = " ".join(str(error).splitlines())
        return Outcome(job.id, FAILED, line, seconds=time.monotonic() - began)
    return Outcome(
        job.id,
        INTERRUPTED if found.interrupted else DONE,
        seconds=time.monotonic() - began,
        peak_mebibytes=peak_mebibytes(),
        metrics=found.metrics,
    )


def peak_mebibytes() -> float:
    """Return the most memory that this process ever held, MiB."""
    share = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / share


#: Called with a job's id, its phase, the best loss and the share of its time; from any thread.
Watch = Callable[[str, str, float, float], None]
#: Called with each outcome as it comes, from one thread.
Report = Callable[[Outcome], None]
