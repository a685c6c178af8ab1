"""Runs jobs one after the other, each in a process of its own."""

import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from fxchain.studio.jobs import Job, JobFolder, State, Status

#: A job that was asked to stop may finish its step and write its files for so long, s.
PATIENCE_SECONDS = 120.0


class Runner:
    """A queue of jobs and the thread that works on it.

    Jobs that were waiting or running when an earlier studio ended are taken up again.

    Args:
        jobs: where they lie
        command: returns the command that does a job, with its exit code as `worker` says
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
                job.become(Status(State.QUEUED))
                self._waiting.append(job)
        self._thread = threading.Thread(target=self._work, name="studio jobs", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()

    def place(self, job: Job) -> int:
        """Return how many jobs run or wait before this one; 0 for one that does not wait."""
        with self._changed:
            names = [other.id for other in self._waiting]
            if job.id not in names:
                return 0
            return names.index(job.id) + (self._current is not None)

    def stop(self, job: Job) -> None:
        """End a job: one that waits at once, one that runs after its step, keeping the best."""
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)
                job.become(Status(State.STOPPED, "stopped before it began"))
                return
            if self._current is not None and self._current.id == job.id:
                job.become(replace(job.status, asked_to_stop=True))
                self._interrupt()

    def close(self) -> None:
        """Stop the running job, keeping its best; those that wait stay queued in their folders."""
        with self._changed:
            self._closed = True
            self._interrupt()
            self._changed.notify()
        self._thread.join(PATIENCE_SECONDS)
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
                self._current = job
                job.become(Status(State.RUNNING))
                (job.folder / "progress.jsonl").unlink(missing_ok=True)
                self._running = subprocess.Popen(
                    self._command(job), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
                )
            _, errors = self._running.communicate()
            with self._changed:
                code, self._running, self._current = self._running.returncode, None, None
                job.become(_outcome(code, errors, job.status.asked_to_stop))


def _worker(job: Job) -> list[str]:
    return [sys.executable, "-m", "fxchain.studio.worker", str(job.folder)]


def _outcome(code: int, errors: str, asked_to_stop: bool) -> Status:
    """Return what a job has become when its process ended."""
    if code == 0:
        return Status(State.STOPPED if asked_to_stop else State.DONE)
    if code == 130:
        return Status(State.STOPPED, "stopped before anything was found")
    lines = errors.strip().splitlines() or [f"its process ended with code {code}"]
    return Status(State.FAILED, lines[-1])
