"""The process that runs one job: python -m fxchain.studio.worker FOLDER.

SIGINT stops the search; the best chain so far is the result. The exit code is 0 with a result, 2
with an error message on stderr, 130 when it was stopped before anything was found.
"""

import json
import math
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fxchain.errors import FxchainError
from fxchain.session.result import Match
from fxchain.studio.jobs import Job, Task


class ProgressFile:
    """A progress callback that writes each step as a line of JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began = time.monotonic()
        self._lock = threading.Lock()  # parallel searches report from several threads

    def __call__(self, phase: str, loss: float, share: float) -> None:
        """Write a step."""
        entry = {
            "phase": phase,
            "loss": loss if math.isfinite(loss) else None,
            "share": share,
            "seconds": time.monotonic() - self._began,
        }
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def main(folder: str) -> int:
    """Run the job in a folder and return the exit code."""
    job = Job(Path(folder))
    try:
        from fxchain.session.process_state import signals_ignored

        progress = ProgressFile(job.folder / "progress.jsonl")
        request, sides = job.request, (job.recording("dry"), job.recording("wet"))
        found = _do(request.task)(*sides, progress=progress, **request.options)
        with signals_ignored():
            found.write(job.result, force=True)
    except KeyboardInterrupt:
        return 130
    except (FxchainError, OSError) as error:
        print(" ".join(str(error).splitlines()), file=sys.stderr)
        return 2
    return 0


def _do(task: Task) -> Callable[..., Match]:
    """Return the function of a task, imported lazily."""
    if task == Task.TRANSFER:
        from fxchain.transferring.transfer import transfer

        return transfer
    from fxchain.matching.match import match

    return match


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
