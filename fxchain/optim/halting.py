"""Ctrl-C ends a search after its present step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from fxchain.optim.budget import Budget


@contextmanager
def halted_by_signals(budget: Budget) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM inside the block end the budget, and do nothing else.

    An exception from a signal arrives at any line, also inside a library that suppresses it, and
    the search would go on as if nothing had been said. A budget that is over stays over. A second
    signal does what the first would have done outside. Only the main thread receives signals; a
    signal that the process ignores, or that ends it at once, is left as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {stop: signal.getsignal(stop) for stop in (signal.SIGINT, signal.SIGTERM)}

    def halt(number: int, frame: FrameType | None) -> None:
        earlier = before[signal.Signals(number)]
        if budget.halted and callable(earlier):
            earlier(number, frame)
        budget.halted = True

    caught = [stop for stop, earlier in before.items() if callable(earlier)]
    try:
        for stop in caught:
            signal.signal(stop, halt)
        yield
    finally:
        for stop in caught:
            signal.signal(stop, before[stop])
