"""The process that measures one job: `python -m fxchain.benchmarking.worker FOLDER < job`.

It writes lines of JSON: its progress, and last the row or an error message.
"""

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from fxchain.benchmarking.job import Job, measure
from fxchain.errors import FxchainError

#: The least time between two lines of progress, s.
_EVERY_SECONDS = 0.2


def main() -> None:
    """Measure the job on the standard input."""
    job = Job.read(json.load(sys.stdin))
    last = -math.inf

    def progress(phase: str, loss: float, share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY_SECONDS:
            last = now
            _write({"phase": phase, "loss": loss if math.isfinite(loss) else None, "share": share})

    try:
        _write({"row": measure(job, Path(sys.argv[1]), progress)})
    except FxchainError as error:
        _write({"error": str(error)})


def _write(message: dict[str, Any]) -> None:
    """Write a line; a closed pipe ends the process."""
    print(json.dumps(message, allow_nan=False), flush=True)


if __name__ == "__main__":
    main()
