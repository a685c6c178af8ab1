"""The process that measures one job: `python -m fxchain.benchmarking.worker FOLDER < job`.

It writes lines of JSON: how far it is, and last the row, or the sentence of a refusal.
"""

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from fxchain.benchmarking.job import Job, measure
from fxchain.errors import FxchainError

#: Progress is told at most so often, s.
_EVERY_SECONDS = 0.2


def main() -> None:
    """Measure what stands on the standard input."""
    job = Job.read(json.load(sys.stdin))
    told = -math.inf

    def progress(phase: str, loss: float, share: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= _EVERY_SECONDS:
            told = now
            _say({"phase": phase, "loss": loss if math.isfinite(loss) else None, "share": share})

    try:
        _say({"row": measure(job, Path(sys.argv[1]), progress)})
    except FxchainError as error:
        _say({"error": str(error)})


def _say(message: dict[str, Any]) -> None:
    """Write a line; when nobody reads any more, this ends the process."""
    print(json.dumps(message, allow_nan=False), flush=True)


if __name__ == "__main__":
    main()
