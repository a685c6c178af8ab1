"""One object's methods called in several processes at the same time.

Threads would not help where Python itself is what takes the time: only one of them runs. Every
process has a copy of the object, so that what a call returns does not depend on where it is made.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import torch

from fxchain.child_process import close_streams, start_module

#: Processes are started when calls have taken so long together, s: they begin with seconds of
#: imports.
WORTH_SECONDS = 2.0


@dataclass(frozen=True)
class Call:
    """A call of a method.

    Attributes:
        method: its name
        arguments: of the call; they can be pickled
    """

    method: str
    arguments: tuple[Any, ...]

    def on(self, subject: Any) -> Any:
        """Return what an object's method returns."""
        return getattr(subject, self.method)(*self.arguments)


@dataclass(frozen=True)
class _Task:
    """A call that waits to be made.

    Attributes:
        call: what to do
        index: of its result
        results: of its batch: a result that comes too late ends there and in no other batch
    """

    call: Call
    index: int
    results: dict[int, tuple[bool, Any]]


Tasks = queue.SimpleQueue[_Task | None]
#: Takes whether a call succeeded, and what it returned or raised.
Put = Callable[[_Task, tuple[bool, Any]], None]


class Processes:
    """Calls the methods of an object here and in other processes.

    Args:
        subject: the object; it can be pickled
        count: processes, this one included

    Attributes:
        others: the other processes, once they are worth it
        answered: how many calls they made
    """

    def __init__(self, subject: Any, count: int) -> None:
        self._subject, self._count = subject, count
        self._seconds = 0.0
        self._tasks: Tasks = queue.SimpleQueue()
        self._changed = threading.Condition()
        self.others: list[Other] = []
        self.answered = 0

    def map(self, calls: Sequence[Call], over: Callable[[], bool] = lambda: False) -> list[Any]:
        """Return what the calls return, in their order.

        Args:
            calls: independent of each other
            over: tells when no further call may begin

        Returns:
            one result for each call, None for those that did not begin

        Raises:
            Exception: what a call raised.
        """
        began = time.monotonic()
        self._start_others()
        results: dict[int, tuple[bool, Any]] = {}
        for index, call in enumerate(calls):
            self._tasks.put(_Task(call, index, results))
        self._work(results, len(calls), over)
        self._seconds += time.monotonic() - began
        found = [results[index] for index in range(len(calls))]
        for succeeded, value in found:
            if not succeeded:
                raise value
        return [value for _, value in found]

    def _work(
        self, results: dict[int, tuple[bool, Any]], count: int, over: Callable[[], bool]
    ) -> None:
        """Work on the tasks here too, until all have a result."""
        while True:
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                with self._changed:
                    if len(results) == count:
                        return
                    self._changed.wait(0.05)  # a process that dies gives its task back
                continue
            if task is not None:
                self._put(task, (True, None) if over() else _answer(task.call, self._subject))

    def _put(self, task: _Task, result: tuple[bool, Any]) -> None:
        with self._changed:
            task.results[task.index] = result
            self._changed.notify()

    def _put_from_other(self, task: _Task, result: tuple[bool, Any]) -> None:
        """Take a result of another process."""
        self.answered += 1
        self._put(task, result)

    def _start_others(self) -> None:
        if self.others or self._count < 2 or self._seconds < WORTH_SECONDS:
            return
        try:
            subject = pickle.dumps(self._subject)
        except (pickle.PicklingError, AttributeError, TypeError):
            self._count = 1  # what cannot be sent is done here
            return
        self.others = [
            Other(subject, self._tasks, self._put_from_other) for _ in range(self._count - 1)
        ]

    def close(self) -> None:
        """End the other processes."""
        for other in self.others:
            other.process.kill()
        for _ in self.others:
            self._tasks.put(None)  # whichever takes it ends: one for each, before any is joined
        for other in self.others:
            other.join()
        self.others = []

    def __enter__(self) -> "Processes":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the other processes."""
        self.close()


def _answer(call: Call, subject: Any) -> tuple[bool, Any]:
    """Make a call with one thread, as every process does: sums are rounded otherwise with more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return True, call.on(subject)
    except Exception as error:
        return False, error
    finally:
        torch.set_num_threads(threads)


@dataclass
class Other:
    """Another process, and the thread that hands it tasks.

    Attributes:
        subject: pickled
        tasks: where they come from
        put: takes a result
        process: made of it
    """

    subject: bytes
    tasks: Tasks
    put: Put
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.process = start_module("fxchain.optim.processes")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Hand over tasks until there is no process any more, or no task."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None and stdout is not None
        with suppress(OSError, EOFError, pickle.UnpicklingError, ValueError):
            stdin.write(self.subject)
            stdin.flush()
            pickle.load(stdout)  # it is ready
            while (task := self.tasks.get()) is not None:
                try:
                    pickle.dump(task.call, stdin)
                    stdin.flush()
                    result = pickle.load(stdout)
                except BaseException:
                    self.tasks.put(task)  # somebody else does it
                    raise
                self.put(task, result)

    def join(self) -> None:
        """Wait for the thread and for the process, which was killed."""
        self._thread.join()
        close_streams(self.process)
        self.process.wait()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer calls until the source ends: the object first, then one call after the other."""
    subject = pickle.load(source)
    _send(sink, None)
    while True:
        try:
            call = pickle.load(source)
        except EOFError:
            return
        _send(sink, _answer(call, subject))


def _send(sink: BinaryIO, answer: Any) -> None:
    pickle.dump(answer, sink)
    sink.flush()


if __name__ == "__main__":
    # what anything prints must not mix with the answers
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, own)
