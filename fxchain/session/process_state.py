"""Process-wide state that a match changes and restores: threads, precision, signals."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from fxchain.optim.threads import use_threads


@dataclass
class _SavedState:
    """The state of torch before the first of the matches that run now.

    Attributes:
        matches: number of those that run now, in all Python threads
        threads: number of threads of torch
        precision: default type of torch
    """

    matches: int = 0
    threads: int = 0
    precision: torch.dtype = torch.float32


_SAVED, _LOCK, _LOCAL = _SavedState(), threading.Lock(), threading.local()


@contextmanager
def torch_settings(threads: int) -> Iterator[None]:
    """Set the number of threads and single precision of torch inside the block.

    Several Python threads may be inside at the same time, each with its own number. The precision
    is that of the whole process, so the last thread to leave restores it; a thread that entered
    while another was inside gets the number of threads from before that one.
    """
    inside = getattr(_LOCAL, "blocks", 0)
    with _LOCK:
        if _SAVED.matches == 0:
            _SAVED.threads, _SAVED.precision = torch.get_num_threads(), torch.get_default_dtype()
        _SAVED.matches += 1
        before = torch.get_num_threads() if inside else _SAVED.threads
        _LOCAL.blocks = inside + 1
        use_threads(threads)
        torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        with _LOCK:
            _LOCAL.blocks = inside
            _SAVED.matches -= 1
            torch.set_num_threads(before)
            if _SAVED.matches == 0:
                torch.set_default_dtype(_SAVED.precision)


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM inside the block: a found chain is scored and written to the end.

    Only the main thread can, and needs to, do so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stops = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(stop, lambda number, frame: None) for stop in stops]
    try:
        yield
    finally:
        for stop, handler in zip(stops, before, strict=True):
            signal.signal(stop, handler)
