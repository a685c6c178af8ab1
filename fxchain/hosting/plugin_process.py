"""Processes that play plug-ins: started when needed, kept, and killed where they hang."""

import atexit
import pickle
import queue
import threading
import time
import weakref
from contextlib import suppress
from typing import Any

from fxchain.child_process import close_streams, start_module
from fxchain.errors import PluginError

#: How long it is from one sign of life of a process to the next, s; see `fxchain.hosting.worker`.
TICK_SECONDS = 0.5
#: A process has so long to begin, and a plug-in to be loaded, s.
LOADING_SECONDS = 30.0
#: A plug-in has so long to play a second of audio, and so long beside, s.
PLAYING_SECONDS, SECONDS_PER_SECOND = 15.0, 2.0
#: Half seconds are counted by the process itself, so that they are long where it is not run; on
#: this computer's clock it may take so many times as long.
PATIENCE = 10.0


_STARTED: "weakref.WeakSet[PluginProcess]" = weakref.WeakSet()
_IDLE: "list[PluginProcess]" = []
_GUARD = threading.Lock()


class PluginGone(Exception):
    """The process hung and was killed, or it ended by itself."""


class PluginProcess:
    """Another process, which is asked one thing after the other."""

    def __init__(self) -> None:
        self._process = start_module("fxchain.hosting.worker")
        self._answers: queue.SimpleQueue[tuple[bool, Any] | None] = queue.SimpleQueue()
        self._ticks = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        _STARTED.add(self)
        self._take(LOADING_SECONDS)

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def ask(self, method: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        """Return what a method of the worker returns.

        Args:
            method: its name
            arguments: of the call
            seconds: how long it may take

        Raises:
            PluginGone: it took longer, and the process was killed; or the process ended.
            PluginError: what the method refused.
        """
        assert self._process.stdin is not None
        try:
            pickle.dump((method, arguments), self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            self.kill()
            raise PluginGone("crashed") from error
        return self._take(seconds)

    def _take(self, seconds: float) -> Any:
        answer = self._awaited(seconds)
        if answer is None:
            self.kill()
            raise PluginGone("crashed")
        succeeded, value = answer
        if not succeeded:
            raise PluginError(value)
        return value

    def _awaited(self, seconds: float) -> tuple[bool, Any] | None:
        """Return the answer to what was asked last; None where the process ended."""
        first, began = self._ticks, time.monotonic()
        while True:
            with suppress(queue.Empty):
                return self._answers.get(timeout=TICK_SECONDS)
            counted = (self._ticks - first) * TICK_SECONDS
            if max(counted, (time.monotonic() - began) / PATIENCE) >= seconds:
                self.kill()
                raise PluginGone(f"did not come back in {seconds:.0f} s")

    def _read(self) -> None:
        """Queue answers, and count signs of life; None when there will be no more."""
        assert self._process.stdout is not None
        with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
            while True:
                answer = pickle.load(self._process.stdout)
                if answer is None:
                    self._ticks += 1
                else:
                    self._answers.put(answer)
        self._answers.put(None)

    def kill(self) -> None:
        """End the process."""
        if self not in _STARTED:
            return
        _STARTED.discard(self)
        self._process.kill()
        self._process.wait()
        self._reader.join()  # it holds the stream until the process has ended
        close_streams(self._process)


def take() -> PluginProcess:
    """Return a process that nobody uses."""
    with _GUARD:
        if _IDLE:
            return _IDLE.pop()
    return PluginProcess()


def give_back(process: PluginProcess) -> None:
    """Keep a process for whoever takes the next."""
    with _GUARD:
        if process in _STARTED:
            _IDLE.append(process)


@atexit.register
def end_all() -> None:
    """End all processes."""
    with _GUARD:
        _IDLE.clear()
    for process in list(_STARTED):
        process.kill()


def ask(what: str, method: str, arguments: tuple[Any, ...], seconds: float) -> Any:
    """Ask any process, and once more another one where the first is gone.

    Args:
        what: names the plug-in and what is done with it, in messages
        method: of the worker
        arguments: of the call
        seconds: how long it may take

    Raises:
        PluginError: it was refused, or the process was gone twice.
    """
    for attempt in range(2):
        try:
            process = take()
            try:
                return process.ask(method, arguments, seconds)
            finally:
                give_back(process)
        except PluginGone as gone:
            hung = not str(gone).startswith("crashed")
            if attempt or hung:
                raise PluginError(f"{what}: the plug-in {gone}; it was ended") from None
    raise AssertionError
