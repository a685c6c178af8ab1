"""Jobs in processes of this computer, so many at a time, each job in its own."""

import json
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, replace
from typing import IO, Any

from fxchain.batch.job import FAILED, INTERRUPTED, Job, Outcome, Report, Watch
from fxchain.child_process import module_command, module_environment

#: Environment variables in which libraries look for their number of threads.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
_TAIL = 300


def run_locally(
    jobs: Sequence[Job],
    report: Report,
    watch: Watch,
    *,
    workers: int,
    retries: int,
    memory_mebibytes: int | None = None,
    started: Callable[[Job, int], None],
) -> bool:
    """Do all jobs; one that dies does not stop the others.

    Args:
        jobs: in the order they are begun
        report: called with each outcome
        watch: called with each job's steps
        workers: how many at a time
        retries: how often a job that died is begun again, from its checkpoint
        memory_mebibytes: the most memory a job's process may hold; None: all there is
        started: called with each job and its process, when it begins

    Returns:
        whether all were begun: False after Ctrl-C, when those that ran were stopped and wrote what
        they had; a second Ctrl-C kills them
    """
    processes = _Processes(watch, retries, memory_mebibytes, started)
    with ThreadPoolExecutor(workers) as pool:
        waiting = {pool.submit(processes.do, job) for job in jobs}
        while waiting:
            try:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt:
                processes.stop()
                continue
            for outcome in (future.result() for future in done):
                if outcome is not None:
                    report(outcome)
    return not processes.stopped


class _Processes:
    """Starts processes, reads what they report, and can stop them all."""

    def __init__(
        self,
        watch: Watch,
        retries: int,
        memory_mebibytes: int | None,
        started: Callable[[Job, int], None],
    ) -> None:
        self._watch, self._retries, self._memory = watch, retries, memory_mebibytes
        self._started = started
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self.stopped = False

    def stop(self) -> None:
        """Begin no more, and let those that run write what they have; the second time kill them."""
        with self._lock:
            again, self.stopped = self.stopped, True
            for process in self._running:
                process.kill() if again else process.terminate()

    def do(self, job: Job) -> Outcome | None:
        """Do a job, again where it died; None where it was not begun."""
        outcome = None
        for attempt in range(1, self._retries + 2):
            if self.stopped:
                return outcome
            outcome, died = self._attempt(job)
            outcome = replace(outcome, attempts=attempt)
            if not died:
                break
        return outcome

    def _attempt(self, job: Job) -> tuple[Outcome, bool]:
        """Return what became of a job in a process, and whether that died."""
        with subprocess.Popen(
            module_command("fxchain.batch.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env=_environment(job.request["threads"]),
            start_new_session=True,
        ) as process:
            with self._lock:
                self._running.add(process)
                if self.stopped:
                    process.terminate()
            errors: list[str] = []
            reader = threading.Thread(target=lambda: errors.extend(process.stderr or ()))
            reader.start()
            try:
                self._started(job, process.pid)
                last = self._read_steps(job, process)
                reader.join()
                code = process.wait()
                _close(process.stdin)
            finally:
                with self._lock:
                    self._running.discard(process)
        if last is not None:
            return Outcome(**last), False
        if self.stopped:
            return Outcome(job.id, INTERRUPTED, "stopped before anything was found"), False
        return Outcome(job.id, FAILED, _death(code, errors)), True

    def _read_steps(self, job: Job, process: "subprocess.Popen[str]") -> dict[str, Any] | None:
        """Report a job's steps; return its outcome, None where it died before."""
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            return None
        try:
            message = {"job": asdict(job), "memory_mebibytes": self._memory}
            stdin.write(json.dumps(message) + "\n")
            stdin.flush()  # it stays open: the job stops when it closes
        except BrokenPipeError:
            return None
        for line in stdout:
            try:
                node = json.loads(line)
            except ValueError:
                continue  # printed by a library, or cut off when the process was killed
            if isinstance(node, dict):
                return node
            phase, loss, share = node
            self._watch(job.id, phase, float(loss), share)
        return None


def _close(pipe: IO[str] | None) -> None:
    """Close the input of a process that has ended, whether or not it read all of it."""
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()


def _environment(threads: int) -> dict[str, str]:
    """Return the environment of a job: its libraries use so many threads."""
    return module_environment(**dict.fromkeys(THREAD_VARIABLES, str(threads)))


def _death(code: int, errors: Sequence[str]) -> str:
    """Return how a process died, in one line."""
    if code < 0:
        return f"its process was killed (signal {-code}; 9 is often a lack of memory)"
    lines = [line.strip() for line in errors if line.strip()]
    last = lines[-1][:_TAIL] if lines else "without a word"
    return f"its process died (code {code}): {last}"
