"""Jobs in processes of their own: each begins afresh, and a crash takes nothing else along."""

import json
import math
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from fxchain.benchmarking.job import Job, Row
from fxchain.benchmarking.methods import METHODS
from fxchain.errors import FxchainError
from fxchain.optim.budget import Progress

_LAST_WORDS = 300


class JobError(FxchainError, RuntimeError):
    """A job was refused or crashed; the others are not touched."""


def measure_apart(job: Job, folder: Path, progress: Progress) -> Row:
    """Do what `fxchain.benchmarking.job.measure` does, in another process.

    Ctrl-C ends that process without a result.

    Args:
        job: what to measure
        folder: gets the files
        progress: told phase, loss and share of the time

    Raises:
        JobError: the job was refused, or its process ended without a row.
    """
    command = [sys.executable, "-m", "fxchain.benchmarking.worker", str(folder)]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            encoding="utf-8",
            env=environment(job.method),
            start_new_session=True,  # Ctrl-C on the terminal must not make it hand in half a job
        )
        with process:
            try:
                message = _followed(process, job, progress)
            except BaseException:
                process.kill()
                raise
        complaints.seek(0)
        words = complaints.read().decode("utf-8", "replace").strip()
    code = process.returncode
    if message is not None and "row" in message and code == 0:
        return dict(message["row"])
    if message is not None and "error" in message:
        raise JobError(message["error"])
    last = words.splitlines()[-1][:_LAST_WORDS] if words else "it said nothing"
    raise JobError(f"its process ended with code {code}: {last}")


def environment(method: str) -> dict[str, str]:
    """Return the environment of a method's process, in which its threads wait as suits it."""
    policy = "active" if METHODS[method].spinning else "passive"
    return {**os.environ, "OMP_WAIT_POLICY": policy}


def _followed(
    process: "subprocess.Popen[str]", job: Job, progress: Progress
) -> dict[str, Any] | None:
    """Give a process its job and pass on its progress; return its last message, if it sent any."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(BrokenPipeError), process.stdin as order:  # it may have crashed already
        json.dump(job.written(), order)
    message = None
    for line in process.stdout:
        message = json.loads(line)
        if "phase" in message:
            loss = message["loss"]
            progress(message["phase"], math.nan if loss is None else loss, message["share"])
    return message
