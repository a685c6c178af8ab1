"""The process that plays plug-ins: they are loaded on its main thread, and may hang or crash it.

A second thread reads the requests, so that the process ends with the one that started it, whatever
a plug-in is doing. A third says every half second that the process runs, which tells a plug-in that
hangs from a computer that is busy with other things. What plug-ins print goes nowhere.
"""

import os
import pickle
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from fxchain.hosting.inspection import inspect, names_in
from fxchain.player.external_plugin import SETTLING_SAMPLES, ExternalPlugin

#: How long it is from one sign of life to the next.
TICK_SECONDS = 0.5

Request = tuple[str, tuple[Any, ...]]


@dataclass
class Worker:
    """What can be asked of the process.

    Attributes:
        plugins: those that were loaded, by file, name, hash and state
    """

    plugins: dict[tuple[str, str, str, str], ExternalPlugin] = field(default_factory=dict)

    def names(self, file: str) -> list[str]:
        """Return the names of the plug-ins in a file."""
        return names_in(file)

    def inspect(self, file: str, name: str) -> Any:
        """Return what a plug-in states."""
        return inspect(file, name)

    def play(
        self,
        which: tuple[str, str, str, str],
        settings: Mapping[str, float],
        audio: np.ndarray,
        sample_rate: float,
        begins: bool,
        settling_samples: int = SETTLING_SAMPLES,
        anew: bool = True,
    ) -> np.ndarray:
        """Play audio from silence, or what follows the audio played before.

        Args:
            which: file, name, hash and state of a plug-in
            settings: the positions of its parameters
            audio: (channels, samples)
            sample_rate: Hz
            begins: the audio is the first
            settling_samples: length of the silence before
            anew: load the plug-in once more, so that nothing is left of what it did before
        """
        if begins and anew:
            self.plugins.pop(which, None)
        plugin = self._plugin(which, settings)
        plugin.settling_samples = settling_samples
        if begins and plugin.settings != settings:
            plugin.set(settings)
        return plugin(audio, sample_rate, reset=begins)

    def play_each(
        self,
        which: tuple[str, str, str, str],
        settings: Sequence[Mapping[str, float]],
        signals: Sequence[np.ndarray],
        numbers: Sequence[int],
        sample_rate: float,
        settling_samples: int,
        anew: bool,
    ) -> list[np.ndarray]:
        """Play audio from silence with one setting after the other; see `play`.

        Args:
            which: file, name, hash and state of a plug-in
            settings: the positions of its parameters, each time
            signals: (channels, samples)
            numbers: which of the signals is played, each time
            sample_rate: Hz
            settling_samples: length of the silence before
            anew: load the plug-in once more, so that nothing is left of what it did before
        """
        return [
            self.play(which, each, signals[number], sample_rate, True, settling_samples, anew)
            for each, number in zip(settings, numbers, strict=True)
        ]

    def impulses(
        self, which: tuple[str, str, str, str], sample_rate: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return two responses to an impulse, (samples,) each.

        The first is without the delay that the plug-in tells the host, which pedalboard takes out;
        the second is with it.
        """
        plugin = self._plugin(which, {})
        impulse = np.zeros((1, round(sample_rate)), dtype=np.float32)
        impulse[0, 0] = 0.5
        plain = plugin(impulse, sample_rate)
        wide = 2 if plugin.one_by_one else 1
        plugin.loaded[0](np.zeros((wide, SETTLING_SAMPLES), np.float32), sample_rate)
        compensated = plugin.loaded[0](np.repeat(impulse, wide, axis=0), sample_rate)
        return compensated[0], plain[0]

    def _plugin(
        self, which: tuple[str, str, str, str], settings: Mapping[str, float]
    ) -> ExternalPlugin:
        if which not in self.plugins:
            self.plugins[which] = ExternalPlugin(*which, settings)
        return self.plugins[which]


def _read(source: BinaryIO, requests: "queue.SimpleQueue[Request]") -> None:
    """Queue requests; the process ends where there will be no more."""
    while True:
        try:
            requests.put(pickle.load(source))
        except (EOFError, pickle.UnpicklingError, OSError):
            os._exit(0)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until the source ends."""
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(source, requests), daemon=True).start()
    worker, guard = Worker(), threading.Lock()
    threading.Thread(target=_tick, args=(sink, guard), daemon=True).start()
    _send(sink, guard, (True, None))
    while True:
        method, arguments = requests.get()
        _send(sink, guard, _answer(getattr(worker, method), arguments))


def _tick(sink: BinaryIO, guard: threading.Lock) -> None:
    """Say again and again that the process runs."""
    while True:
        time.sleep(TICK_SECONDS)
        _send(sink, guard, None)


def _answer(method: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, method(*arguments)
    except Exception as error:
        return False, str(error)


def _send(sink: BinaryIO, guard: threading.Lock, answer: tuple[bool, Any] | None) -> None:
    with guard:
        pickle.dump(answer, sink, protocol=pickle.HIGHEST_PROTOCOL)
        sink.flush()


if __name__ == "__main__":
    own = os.fdopen(os.dup(1), "wb")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    serve(sys.stdin.buffer, own)
