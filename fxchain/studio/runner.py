"""Runs jobs one after another, each in a process of its own."""

import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from fxchain.child_process import module_command, module_environment
from fxchain.errors import OutputError
from fxchain.studio.jobs import Job, JobFolder, State, Status

#: Time in which a stopped job may finish its step and write its files, s.
STOP_TIMEOUT_SECONDS = 120.0


class Runner:
    """A queue of jobs and the thread that runs them.

    Jobs that were queued or running when an earlier studio ended are queued again.

    Args:
        jobs: the folder of the jobs
        command: returns the command line of a job, whose exit codes are those of `worker`
    """

    def __init__(self, jobs: JobFolder, command: Callable[[Job], list[str]] | None = None) -> None:
        self._command = command or _worker
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._running: subprocess.Popen[str] | None = None
        self._current: Job | None = None
        self._closed = False
        for job in reversed(jobs.all()):
            if job.status.state in (State.QUEUED, State.RUNNING):
                with suppress(OutputError):  # its folder cannot be written: the others go on
                    job.write_status(Status(State.QUEUED))
                    self._waiting.append(job)
        self._thread = threading.Thread(target=self._work, name="studio jobs", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()

    def jobs_before(self, job: Job) -> int:
        """Return the number of jobs before a queued one, with the running one; 0 for others."""
        with self._changed:
            names = [other.id for other in self._waiting]
            if job.id not in names:
                return 0
            return names.index(job.id) + (self._current is not None)

    def stop(self, job: Job) -> None:
        """End a queued job at once, a running one after its step, with its best chain as result."""
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)
                job.write_status(Status(State.STOPPED, "stopped before it began"))
                return
            if self._current is not None and self._current.id == job.id:
                job.write_status(replace(job.status, asked_to_stop=True))
                self._interrupt()

    def close(self) -> None:
        """Stop the running job, with its best chain as result; queued ones stay queued on disk."""
        with self._changed:
            self._closed = True
            self._interrupt()
            self._changed.notify()
        self._thread.join(STOP_TIMEOUT_SECONDS)
        with self._changed:
            if self._running is not None:
                self._running.kill()

    def _interrupt(self) -> None:
        if self._running is not None:
            self._running.send_signal(signal.SIGINT)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting)
                if self._closed:
                    return
                job = self._waiting.popleft()
                try:
                    self._begin(job)
                except OSError:  # its folder is gone or cannot be written: the others go on
                    self._running, self._current = None, None
                    continue
            assert self._running is not None
            _, errors = self._running.communicate()
            with self._changed:
                code, self._running, self._current = self._running.returncode, None, None
                with suppress(OutputError):
                    job.write_status(_outcome(code, errors, job.status.asked_to_stop))

    def _begin(self, job: Job) -> None:
        """Start the process of a job.

        Raises:
            OSError: its folder cannot be written.
        """
        self._current = job
        job.write_status(Status(State.RUNNING))
        (job.folder / "progress.jsonl").unlink(missing_ok=True)
        self._running = subprocess.Popen(
            self._command(job),
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            env=module_environment(),
        )


def _worker(job: Job) -> list[str]:
    return module_command("fxchain.studio.worker", str(job.folder))


def _outcome(code: int, errors: str, asked_to_stop: bool) -> Status:
    """Return the state of a job whose process ended."""
    if code == 0:
        return Status(State.STOPPED if asked_to_stop else State.DONE)
    if code == 130:
        return Status(State.STOPPED, "stopped before anything was found")
    lines = errors.strip().splitlines() or [f"its process ended with code {code}"]
    return Status(State.FAILED, lines[-1])
