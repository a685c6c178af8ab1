"""Jobs in processes of their own, so that a crash ends only its own job."""

import json
import math
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from fxchain.benchmarking.job import Job, Row
from fxchain.benchmarking.methods import METHODS
from fxchain.child_process import module_command, module_environment
from fxchain.errors import FxchainError
from fxchain.optim.budget import Progress

_LONGEST_MESSAGE = 300


class JobError(FxchainError, RuntimeError):
    """A job was refused or its process crashed."""


def measure_apart(job: Job, folder: Path, progress: Progress) -> Row:
    """Run `fxchain.benchmarking.job.measure` in another process.

    Ctrl-C ends that process without a result.

    Args:
        job: what to measure
        folder: gets the files
        progress: called with phase, loss and share of the budget

    Raises:
        JobError: the job was refused, or its process ended without a row.
    """
    command = module_command("fxchain.benchmarking.worker", str(folder))
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            env=environment(job.method),
            start_new_session=True,  # Ctrl-C on the terminal must not reach it
        )
        with process:
            try:
                message = _followed(process, job, progress)
            except BaseException:
                process.kill()
                raise
        errors.seek(0)
        text = errors.read().decode("utf-8", "replace").strip()
    code = process.returncode
    if message is not None and "row" in message and code == 0:
        return dict(message["row"])
    if message is not None and "error" in message:
        raise JobError(message["error"])
    last = text.splitlines()[-1][:_LONGEST_MESSAGE] if text else "it printed nothing"
    raise JobError(f"its process ended with code {code}: {last}")


def environment(method: str) -> dict[str, str]:
    """Return the environment of a method's process, with its OpenMP wait policy."""
    policy = "active" if METHODS[method].spinning else "passive"
    return module_environment(OMP_WAIT_POLICY=policy)


def _followed(
    process: "subprocess.Popen[str]", job: Job, progress: Progress
) -> dict[str, Any] | None:
    """Send a process its job and pass on its progress; return its last message, if there is one."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(BrokenPipeError), process.stdin as stdin:  # it may have crashed already
        json.dump(job.written(), stdin)
    message = None
    for line in process.stdout:
        message = json.loads(line)
        if "phase" in message:
            loss = message["loss"]
            progress(message["phase"], math.nan if loss is None else loss, message["share"])
    return message
